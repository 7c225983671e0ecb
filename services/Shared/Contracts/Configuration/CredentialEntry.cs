namespace Gateway.Contracts.Configuration;

/// <summary>A provider secret. Only ever sent over the internal channel and kept encrypted on disk.</summary>
public sealed record CredentialEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider it belongs to.</summary>
    public required string ProviderId { get; init; }

    /// <summary>
    /// The secret itself, by <see cref="Type"/>: the key; the service account's JSON document; the AWS secret access key; the Entra client secret; empty where
    /// there is none to keep.
    /// </summary>
    public required string Secret { get; init; }

    /// <summary>What the secret is. Default <see cref="CredentialType.ApiKey"/>.</summary>
    public CredentialType Type { get; set; } = CredentialType.ApiKey;

    /// <summary>The rest of an AWS identity; only with <see cref="CredentialType.Aws"/>.</summary>
    public AwsIdentity? Aws { get; init; }

    /// <summary>The rest of a Microsoft Entra identity; with <see cref="CredentialType.Entra"/>, and with <see cref="CredentialType.Ambient"/> for a chosen managed identity.</summary>
    public EntraIdentity? Entra { get; init; }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"Credential {Id} of {ProviderId}";
}

/// <summary>What a credential is. Numbers are persisted: append only.</summary>
public enum CredentialType
{
    /// <summary>A key that is sent as it is, or exchanged where the provider wants that (watsonx.ai).</summary>
    ApiKey = 1,

    /// <summary>A Google Cloud key document: of a service account or an authorised user.</summary>
    ServiceAccount = 2,

    /// <summary>AWS access keys, a profile of the shared files, or a role.</summary>
    Aws = 3,

    /// <summary>A Microsoft Entra application with a client secret.</summary>
    Entra = 4,

    /// <summary>The identity of the machine or workload that the gateway runs as: the cloud's own chain of environment, files and metadata service.</summary>
    Ambient = 5,
}

/// <summary>An AWS identity beside its secret access key.</summary>
public sealed record AwsIdentity
{
    /// <summary>Access key id, or null when the keys come from a profile or the environment.</summary>
    public string? AccessKeyId { get; init; }

    /// <summary>Session token of temporary keys, or null. A secret.</summary>
    public string? SessionToken { get; init; }

    /// <summary>Profile of the shared configuration files, or null.</summary>
    public string? Profile { get; init; }

    /// <summary>Role to assume with the keys, or null.</summary>
    public string? RoleArn { get; init; }

    /// <summary>External id that the role asks for, or null.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Never shows the session token.</summary>
    public override string ToString() => $"AWS identity {AccessKeyId ?? Profile ?? RoleArn}";
}

/// <summary>A Microsoft Entra identity beside its client secret.</summary>
public sealed record EntraIdentity
{
    /// <summary>Directory (tenant) id; empty for a managed identity.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>Application (client) id; of a managed identity, which of several.</summary>
    public string ClientId { get; set; } = "";
}
