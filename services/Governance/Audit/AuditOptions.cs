using System.Globalization;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Audit;

/// <summary>What the audit log takes from configuration.</summary>
internal sealed record AuditOptions
{
    public const string Section = "Gateway:Audit";

    /// <summary>A chain with new rows is signed at least this often.</summary>
    public TimeSpan CheckpointAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A chain is signed when this many rows are new.</summary>
    public long CheckpointRows { get; init; } = 1000;

    /// <summary>Folder that checkpoints are written to; null: none.</summary>
    public string? ExportDirectory { get; init; }

    /// <summary>Address that checkpoints are posted to; null: none.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>Sent to the webhook as a bearer token; null: none.</summary>
    public string? WebhookToken { get; init; }

    /// <summary>How long rows are kept; null: for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <exception cref="StartupException">A value is not legal.</exception>
    public static AuditOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var defaults = new AuditOptions();
        var webhook = section["WebhookUrl"] switch
        {
            null or "" => null,
            var text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 => uri,
            _ => throw new StartupException($"{Section}:WebhookUrl must be an absolute http or https address without a user name."),
        };
        return new AuditOptions
        {
            CheckpointAge = TimeSpan.FromSeconds(Number("CheckpointSeconds", 1, 86_400) ?? (long)defaults.CheckpointAge.TotalSeconds),
            CheckpointRows = Number("CheckpointRows", 1, 1_000_000) ?? defaults.CheckpointRows,
            ExportDirectory = section["ExportDirectory"] is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            Webhook = webhook,
            WebhookToken = section["WebhookToken"] is { Length: > 0 } token ? token : null,
            Retention = Number("RetentionDays", 0, 36_500) is { } days and > 0 ? TimeSpan.FromDays(days) : null,
        };

        long? Number(string name, long least, long most) => section[name] switch
        {
            null or "" => null,
            var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
            var text => throw new StartupException($"{Section}:{name} is '{text}'; it must be a whole number from {least} to {most}."),
        };
    }
}
