using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Alerts;

/// <summary>How a channel tells people. Numbers are persisted: append only.</summary>
public enum AlertChannelType
{
    /// <summary>A POST of JSON, signed.</summary>
    Webhook = 1,

    /// <summary>An incoming webhook of Slack, or of what understands the same.</summary>
    Slack = 2,

    /// <summary>A mail by SMTP.</summary>
    Email = 3,
}

/// <summary>How the connection to a mail server is secured. Numbers are persisted: append only.</summary>
public enum MailSecurity
{
    /// <summary>STARTTLS, without which nothing is sent.</summary>
    StartTls = 1,

    /// <summary>Not at all; only for a server on a trusted network, and without a password.</summary>
    None = 2,

    /// <summary>TLS from the first byte, as on port 465.</summary>
    ImplicitTls = 3,
}

/// <summary>What a channel is told of. Numbers are persisted: append only.</summary>
public enum AlertTopic
{
    /// <summary>Shares of budgets that are reached.</summary>
    Budget = 1,

    /// <summary>Providers whose requests fail.</summary>
    ProviderErrors = 2,

    /// <summary>Providers that are down, and that are back.</summary>
    ProviderDown = 3,

    /// <summary>Spend far above the usual.</summary>
    SpendAnomaly = 4,
}

/// <summary>A channel that alerts go out by.</summary>
public record AlertChannel
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>How it tells people.</summary>
    public AlertChannelType Type { get; set; } = AlertChannelType.Webhook;

    /// <summary>False: nothing is sent. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Address of a webhook. The address of a Slack webhook is its secret and is given as that.</summary>
    public string? Url { get; init; }

    /// <summary>Mail server.</summary>
    public string? Host { get; init; }

    /// <summary>Port of the mail server. Default 587.</summary>
    public int Port { get; set; } = 587;

    /// <summary>How the connection to the mail server is secured.</summary>
    public MailSecurity Security { get; set; } = MailSecurity.StartTls;

    /// <summary>Name to log in at the mail server with; absent: no login.</summary>
    public string? User { get; init; }

    /// <summary>Sender of mails.</summary>
    public string? From { get; init; }

    /// <summary>Where the secret is kept, instead of being stored here.</summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>Receivers of mails, at most 50.</summary>
    public IReadOnlyList<string> To { get; set; } = [];

    /// <summary>Certificates (PEM) that a mail server's is to be signed by, instead of those the machine trusts.</summary>
    public string? CaCertificate { get; init; }

    /// <summary>What it is told of; empty: everything.</summary>
    public IReadOnlyList<AlertTopic> Topics { get; set; } = [];

    /// <summary>Seconds that alerts are collected for one message. Default 10; 0 to 3,600. Critical ones go at once.</summary>
    public int GroupSeconds { get; set; } = 10;

    /// <summary>When quiet hours begin, like <c>22:00</c>; in them everything but what is critical is collected and goes out at their end. Null: none.</summary>
    public string? QuietFrom { get; init; }

    /// <summary>When they end, like <c>07:00</c>.</summary>
    public string? QuietTo { get; init; }

    /// <summary>The time zone they are meant in, like <c>Europe/Berlin</c>. Null: UTC.</summary>
    public string? TimeZone { get; init; }
}

/// <summary>A channel as it is sent to the admin API: with its secret, which is never given back.</summary>
public sealed record AlertChannelRequest : AlertChannel
{
    /// <summary>Signing key of a webhook, address of a Slack webhook, or password at the mail server. Left out: as before.</summary>
    public string? Secret { get; init; }
}

/// <summary>A channel as it is given back.</summary>
public sealed record AlertChannelView : AlertChannel
{
    /// <summary>True when a secret is stored.</summary>
    public bool HasSecret { get; init; }
}

/// <summary>What became of a test message.</summary>
public sealed record AlertTestResult
{
    /// <summary>True when the receiver took it.</summary>
    public bool Delivered { get; init; }

    /// <summary>Why not; absent when it was delivered.</summary>
    public string? Error { get; init; }
}

/// <summary>A channel as it lies in the store: the secret only as ciphertext.</summary>
internal sealed record StoredChannel : AlertChannel
{
    /// <summary>The key of the ring that encrypted the secret; empty without one.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>The ciphertext; empty without a secret.</summary>
    public string Sealed { get; set; } = "";
}

/// <summary>A message as it waits for its delivery, and as webhooks get it.</summary>
internal sealed record AlertNotice
{
    public required string Id { get; init; }

    public required string Event { get; init; }

    public DateTimeOffset At { get; init; }

    public required IReadOnlyList<BudgetAlert> Alerts { get; init; }

    public IReadOnlyList<AlertSignal> Signals { get; set; } = [];
}

/// <summary>A share of a budget's limit was reached.</summary>
public sealed record BudgetAlert
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The budget's id.</summary>
    public required string BudgetId { get; init; }

    /// <summary>The budget's name, or its id when it is gone.</summary>
    public required string BudgetName { get; init; }

    /// <summary>The window's name.</summary>
    public required string Window { get; init; }

    /// <summary>The share in per cent.</summary>
    public int Percent { get; init; }

    /// <summary>Settled at that moment, in nano-US-dollars.</summary>
    public long SettledNanoUsd { get; init; }

    /// <summary>Limit and overrides at that moment, in nano-US-dollars.</summary>
    public long AllowedNanoUsd { get; init; }

    /// <summary>When it was reached.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The latest alerts.</summary>
public sealed record BudgetAlertList
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<BudgetAlert> Items { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredChannel))]
[JsonSerializable(typeof(AlertChannelView))]
[JsonSerializable(typeof(AlertTestResult))]
[JsonSerializable(typeof(AlertNotice))]
[JsonSerializable(typeof(BudgetAlertList))]
[JsonSerializable(typeof(SlackMessage))]
internal sealed partial class AlertJson : JsonSerializerContext;

internal sealed record SlackMessage(string Text);
