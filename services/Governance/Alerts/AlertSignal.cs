using System.Text.Json.Serialization;

namespace Gateway.Governance.Alerts;

/// <summary>What a signal is about. Numbers are persisted: append only.</summary>
public enum SignalKind
{
    /// <summary>Many requests of a provider fail.</summary>
    ProviderErrors = 1,

    /// <summary>No deployment of a provider can be called.</summary>
    ProviderDown = 2,

    /// <summary>Far more is spent than usual.</summary>
    SpendAnomaly = 3,
}

/// <summary>How soon somebody should look. Numbers are persisted: append only.</summary>
public enum AlertSeverity
{
    /// <summary>In working hours; kept back in quiet hours.</summary>
    Warning = 1,

    /// <summary>At once, in quiet hours too.</summary>
    Critical = 2,
}

/// <summary>Something that the gateway noticed.</summary>
public sealed record AlertSignal
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>What it is about.</summary>
    public SignalKind Kind { get; init; }

    /// <summary>The provider or team; <c>all</c> for the whole gateway.</summary>
    public required string Subject { get; init; }

    /// <summary>How soon somebody should look.</summary>
    public AlertSeverity Severity { get; init; }

    /// <summary>True when it is over.</summary>
    public bool Resolved { get; init; }

    /// <summary>What happened, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>Figures and what to do, in a sentence or two.</summary>
    public required string Text { get; init; }

    /// <summary>When it was noticed.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>The latest signals.</summary>
public sealed record AlertSignalList
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<AlertSignal> Items { get; init; }
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AlertSignalList))]
internal sealed partial class SignalJson : JsonSerializerContext;
