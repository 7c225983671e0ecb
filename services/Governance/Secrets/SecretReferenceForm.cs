using System.Text.RegularExpressions;
using Gateway.Governance.Api;

namespace Gateway.Governance.Secrets;

/// <summary>Reads a reference from a request.</summary>
internal static partial class SecretReferenceForm
{
    public const string Member = "secretRef";
    private const int Short = 256;
    private const int Long = 2048;

    /// <summary>The reference, or null when there is none.</summary>
    public static SecretReference? Read(ObjectReader parent)
    {
        if (parent.Nested(Member) is not { } reader)
        {
            return null;
        }

        var kind = reader.Choice<SecretKind>("kind");
        if (kind is null && !reader.Has("kind"))
        {
            reader.Error("kind", $"is required: one of {string.Join(", ", Enum.GetNames<SecretKind>())}.");
        }

        var reference = new SecretReference
        {
            Kind = kind ?? SecretKind.Env,
            Name = Text(reader, "name", Short),
            Path = Text(reader, "path", Long),
            Address = Text(reader, "address", Long, Address),
            Id = Text(reader, "id", Long),
            Version = Text(reader, "version", Short),
            Field = Text(reader, "field", Short),
            Region = Text(reader, "region", Short, static r => Label().IsMatch(r) ? null : "must be the name of an AWS region."),
            RoleArn = Text(reader, "roleArn", Long),
            Mount = Text(reader, "mount", Short, Segments),
            Engine = (int?)reader.Integer("engine", 1, 2),
            Namespace = Text(reader, "namespace", Short, Visible),
            Login = Login(reader),
            RefreshSeconds = (int?)reader.Integer("refreshSeconds", 5, 86_400),
        };
        reader.Close();
        if (kind is { } known)
        {
            Check(reader, reference, known);
        }

        return reference;
    }

    private static VaultLogin? Login(ObjectReader parent)
    {
        if (parent.Nested("login") is not { } reader)
        {
            return null;
        }

        var login = new VaultLogin
        {
            Method = reader.Choice("method", VaultLoginMethod.Token),
            Mount = Text(reader, "mount", Short, Segments),
            Role = Text(reader, "role", Short),
            Env = Text(reader, "env", Short, Variable),
            File = Text(reader, "file", Long),
        };
        reader.Close();
        if (login.Env is not null && login.File is not null)
        {
            reader.Error("env", "and file exclude each other.");
        }

        if (login is { Method: not VaultLoginMethod.Kubernetes, Env: null, File: null })
        {
            reader.Error("env", $"or file is required: where the {(login.Method == VaultLoginMethod.Token ? "token" : "secret id")} is.");
        }

        if (login.Method == VaultLoginMethod.Token ? login.Role is not null : login.Role is null)
        {
            reader.Error("role", login.Method == VaultLoginMethod.Token ? "is not used with the method Token." : $"is required with the method {login.Method}.");
        }

        return login;
    }

    private static void Check(ObjectReader reader, SecretReference reference, SecretKind kind)
    {
        string[] required = kind switch
        {
            SecretKind.Env => ["name"],
            SecretKind.File => ["path"],
            SecretKind.AzureKeyVault => ["address", "name"],
            SecretKind.AwsSecretsManager => ["id"],
            _ => ["address", "path", "field", "login"],
        };
        string[] allowed = kind switch
        {
            SecretKind.Env or SecretKind.File => ["field"],
            SecretKind.AzureKeyVault => ["version", "field"],
            SecretKind.AwsSecretsManager => ["version", "field", "region", "roleArn", "address"],
            _ => ["version", "mount", "engine", "namespace"],
        };
        foreach (var name in required.Where(n => !reader.Has(n)))
        {
            reader.Error(name, $"is required with the kind {kind}.");
        }

        foreach (var name in (string[])["name", "path", "address", "id", "version", "field", "region", "roleArn", "mount", "engine", "namespace", "login"])
        {
            if (reader.Has(name) && !required.Contains(name) && !allowed.Contains(name))
            {
                reader.Error(name, $"is not used with the kind {kind}; set it to null.");
            }
        }

        var wrong = kind switch
        {
            SecretKind.Env when reference.Name is { } name => ("name", Variable(name)),
            SecretKind.AzureKeyVault when reference.Name is { } name => ("name", Label().IsMatch(name) ? null : "must have only letters, digits and dashes."),
            SecretKind.AzureKeyVault when reference.Version is { } version => ("version", Label().IsMatch(version) ? null : "must be the id of a version."),
            SecretKind.Vault when reference.Path is { } path && Segments(path) is { } problem => ("path", problem),
            SecretKind.Vault when reference.Version is { } version => ("version", reference.Engine == 1 ? "is not known to engine 1." : version.All(char.IsAsciiDigit) ? null : "must be a number."),
            _ => ("", null),
        };
        if (wrong.Item2 is { } message)
        {
            reader.Error(wrong.Item1, message);
        }
    }

    private static string? Text(ObjectReader reader, string name, int most, Func<string, string?>? check = null)
        => reader.Text(name, required: false, most, check) is { Length: > 0 } text ? text : null;

    // Two underscores stand for the levels of the services' own configuration, in which the gateway's keys are.
    private static string? Variable(string name)
        => !VariableName().IsMatch(name) ? "must be the name of an environment variable."
            : name.Contains("__", StringComparison.Ordinal) ? "must not have two underscores together: such variables are the configuration of the gateway itself."
            : null;

    private static string? Address(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http") && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? null
            : "must be an absolute http or https address without user name and query.";

    private static string? Segments(string path)
        => path.Split('/').Any(static s => s is "" or "." or "..") || Visible(path) is not null ? "must be names separated by single slashes." : null;

    private static string? Visible(string text) => text.Any(static c => c is <= ' ' or > '~') ? "must have only visible ASCII characters." : null;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex VariableName();

    [GeneratedRegex("^[A-Za-z0-9-]+$")]
    private static partial Regex Label();
}
