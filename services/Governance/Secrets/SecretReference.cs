namespace Gateway.Governance.Secrets;

/// <summary>Where a secret is read from. Numbers are persisted: append only.</summary>
public enum SecretKind
{
    /// <summary>A variable of governance's environment.</summary>
    Env = 1,

    /// <summary>A file.</summary>
    File = 2,

    /// <summary>Azure Key Vault.</summary>
    AzureKeyVault = 3,

    /// <summary>AWS Secrets Manager.</summary>
    AwsSecretsManager = 4,

    /// <summary>HashiCorp Vault, or what understands the same.</summary>
    Vault = 5,
}

/// <summary>How to log in at Vault. Numbers are persisted: append only.</summary>
public enum VaultLoginMethod
{
    /// <summary>With a token that is there.</summary>
    Token = 1,

    /// <summary>With a role id and a secret id.</summary>
    AppRole = 2,

    /// <summary>With the token of a Kubernetes service account.</summary>
    Kubernetes = 3,
}

/// <summary>Where a secret is kept, instead of the secret.</summary>
public sealed record SecretReference
{
    /// <summary>How often a secret is read again unless its reference says otherwise, in seconds.</summary>
    public const int DefaultRefreshSeconds = 300;

    /// <summary>What keeps it.</summary>
    public SecretKind Kind { get; set; }

    /// <summary><see cref="SecretKind.Env"/>: the variable. <see cref="SecretKind.AzureKeyVault"/>: the secret's name.</summary>
    public string? Name { get; init; }

    /// <summary><see cref="SecretKind.File"/>: the file, absolute or below the data directory's <c>secrets</c>. <see cref="SecretKind.Vault"/>: the path below the mount.</summary>
    public string? Path { get; init; }

    /// <summary>Address of the Key Vault or of Vault; with <see cref="SecretKind.AwsSecretsManager"/> another address than the region's.</summary>
    public string? Address { get; init; }

    /// <summary><see cref="SecretKind.AwsSecretsManager"/>: name or ARN of the secret.</summary>
    public string? Id { get; init; }

    /// <summary>A fixed version; absent: the newest.</summary>
    public string? Version { get; init; }

    /// <summary>The member to take of a secret that is a JSON object; required with <see cref="SecretKind.Vault"/>.</summary>
    public string? Field { get; init; }

    /// <summary><see cref="SecretKind.AwsSecretsManager"/>: the region; absent: that of the ARN, or of the environment.</summary>
    public string? Region { get; init; }

    /// <summary><see cref="SecretKind.AwsSecretsManager"/>: a role to assume for reading.</summary>
    public string? RoleArn { get; init; }

    /// <summary><see cref="SecretKind.Vault"/>: where the engine is mounted. Default <c>secret</c>.</summary>
    public string? Mount { get; init; }

    /// <summary><see cref="SecretKind.Vault"/>: version of the key-value engine, 1 or 2. Default 2.</summary>
    public int? Engine { get; init; }

    /// <summary><see cref="SecretKind.Vault"/>: the namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary><see cref="SecretKind.Vault"/>: how to log in.</summary>
    public VaultLogin? Login { get; init; }

    /// <summary>How often it is read again, 5 to 86,400 seconds. Default 300.</summary>
    public int? RefreshSeconds { get; init; }

    /// <summary>The place in words, for people.</summary>
    public override string ToString() => Kind switch
    {
        SecretKind.Env => $"the variable {Name}",
        SecretKind.File => $"the file {Path}",
        SecretKind.AzureKeyVault => $"the secret {Name} of {Address}",
        SecretKind.AwsSecretsManager => $"the secret {Id} of AWS Secrets Manager",
        _ => $"{Mount ?? "secret"}/{Path} of {Address}",
    };
}

/// <summary>How to log in at Vault. Secrets are named by where they are, never given.</summary>
public sealed record VaultLogin
{
    /// <summary>The method.</summary>
    public VaultLoginMethod Method { get; set; } = VaultLoginMethod.Token;

    /// <summary>Where the method is mounted. Default <c>approle</c> or <c>kubernetes</c>.</summary>
    public string? Mount { get; init; }

    /// <summary>The role id (AppRole) or the role's name (Kubernetes).</summary>
    public string? Role { get; init; }

    /// <summary>Variable with the token, or the secret id.</summary>
    public string? Env { get; init; }

    /// <summary>File with the token, the secret id, or the service account's token; with Kubernetes by default where Kubernetes puts it.</summary>
    public string? File { get; init; }
}
