using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.Usage;

namespace Gateway.Governance.RequestLog.Sessions;

/// <summary>Answer to <c>GET /api/logs/sessions</c>: those that were used last come first.</summary>
public sealed record SessionPage
{
    /// <summary>The sessions.</summary>
    public required IReadOnlyList<SessionItem> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>What one key used in one session.</summary>
public sealed record SessionItem
{
    /// <summary>The session as callers name it.</summary>
    public required string Session { get; init; }

    /// <summary>Id of the virtual key.</summary>
    public required string Key { get; init; }

    /// <summary>Id of the team; empty for none.</summary>
    public required string Team { get; init; }

    /// <summary>Id of the customer; empty for none.</summary>
    public required string Customer { get; init; }

    /// <summary>End user of the latest request that named one; empty for none.</summary>
    public required string EndUser { get; init; }

    /// <summary>When its first request arrived.</summary>
    public DateTimeOffset FirstAt { get; init; }

    /// <summary>When its last request arrived.</summary>
    public DateTimeOffset LastAt { get; init; }

    /// <summary>Requests.</summary>
    public long Requests { get; init; }

    /// <summary>Requests that ended in an error.</summary>
    public long Errors { get; init; }

    /// <summary>All tokens together.</summary>
    public long TotalTokens { get; init; }

    /// <summary>Cost in US dollars, exact, as a decimal text.</summary>
    public string CostUsd => Money.Usd(CostNanoUsd);

    /// <summary>Cost in nano-US-dollars.</summary>
    public long CostNanoUsd { get; init; }
}

/// <summary>Answer to <c>GET /api/logs/sessions/{id}</c>.</summary>
public sealed record SessionView
{
    /// <summary>The session as callers name it.</summary>
    public required string Session { get; init; }

    /// <summary>What each key used in it, of those that you see.</summary>
    public required IReadOnlyList<SessionItem> Keys { get; init; }

    /// <summary>Requests of these keys together.</summary>
    public long Requests => Keys.Sum(k => k.Requests);

    /// <summary>Errors of these keys together.</summary>
    public long Errors => Keys.Sum(k => k.Errors);

    /// <summary>Tokens of these keys together.</summary>
    public long TotalTokens => Keys.Sum(k => k.TotalTokens);

    /// <summary>Cost of these keys together in nano-US-dollars.</summary>
    public long CostNanoUsd => Keys.Sum(k => k.CostNanoUsd);

    /// <summary>Cost of these keys together in US dollars, exact, as a decimal text.</summary>
    public string CostUsd => Money.Usd(CostNanoUsd);

    /// <summary>A page of its requests, in the order that they arrived.</summary>
    public required IReadOnlyList<LogItem> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next requests; absent with the last ones.</summary>
    public string? Next { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(SessionView))]
internal sealed partial class SessionJson : JsonSerializerContext;
