using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Usage;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage;

namespace Gateway.Governance.RequestLog.Search;

/// <summary>Answer to <c>GET /api/logs</c>: newest first.</summary>
public sealed record LogPage
{
    /// <summary>The requests. A page of a search that finds little may have fewer than asked for, or none, although there are more: then it has a <see cref="Next"/>.</summary>
    public required IReadOnlyList<LogItem> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

/// <summary>One request of a list.</summary>
public sealed record LogItem
{
    /// <summary>Id of the request's record.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its usage record; absent where it has not arrived yet, was summed up with others under load, or is past its time.</summary>
    public UsageRecordView? Record { get; init; }

    /// <summary>Name of its virtual key; absent when that has been deleted.</summary>
    public string? KeyName { get; init; }

    /// <summary>True when there is more to read of it than its usage record.</summary>
    public bool HasDetail { get; init; }

    /// <summary>True when what was said is kept.</summary>
    public bool HasBodies { get; init; }

    /// <summary>The id that the caller got, in <c>x-gateway-request-id</c>; absent without detail.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whose fault an error was; absent for none.</summary>
    public string? Fault { get; init; }

    /// <summary>The step in which it failed; absent for none.</summary>
    public string? Step { get; init; }

    /// <summary>What the caller was told of the error; absent for none.</summary>
    public string? Message { get; init; }

    /// <summary>Why the model stopped; absent where that is not known.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The same with the name of its key.</summary>
    internal LogItem Named(ConfigState names) => this with { KeyName = names.NameOfKey(Record?.Key) };
}

/// <summary>Answer to <c>GET /api/logs/{id}</c>: all that is known of a request, but what was said.</summary>
public sealed record LogView
{
    /// <summary>Id of the request's record.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its usage record; absent where it has not arrived yet, was summed up with others under load, or is past its time.</summary>
    public UsageRecordView? Record { get; init; }

    /// <summary>Name of its virtual key; absent when that has been deleted.</summary>
    public string? KeyName { get; init; }

    /// <summary>What is told besides; absent where there is nothing.</summary>
    public LogDetail? Detail { get; init; }

    /// <summary>True when what was said is kept: <c>GET /api/logs/{id}/bodies</c>.</summary>
    public bool HasBodies { get; init; }
}

/// <summary>What is told of a request besides its usage record.</summary>
public sealed record LogDetail
{
    /// <summary>The id that the caller got, in <c>x-gateway-request-id</c>.</summary>
    public required string RequestId { get; init; }

    /// <summary>The edge that served it.</summary>
    public required string Edge { get; init; }

    /// <summary>Whose fault an error was: <c>client</c>, <c>gateway</c> or <c>upstream</c>; empty for none.</summary>
    public string Fault { get; init; } = "";

    /// <summary>The step in which it failed; empty for none.</summary>
    public string Step { get; init; } = "";

    /// <summary>What the caller was told of the error, redacted; empty for none.</summary>
    public string Message { get; init; } = "";

    /// <summary>Why the model stopped; empty where that is not known.</summary>
    public string FinishReason { get; init; } = "";

    /// <summary>Events of the provider's stream; 0 for a plain answer.</summary>
    public int Events { get; init; }

    /// <summary>Address of who called, as the policy keeps it; empty for none.</summary>
    public string ClientAddress { get; init; } = "";

    /// <summary>The caller's <c>User-Agent</c>.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>The decision record: routes, candidates, what was left out and why, calls that failed, times; absent where nothing was decided.</summary>
    public JsonElement? Decision { get; init; }

    /// <summary>What steps noted, for example of the cache and of guardrails.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the provider could not be told of the request.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Size of the request's body, where it was kept.</summary>
    public LogBodySize? Request { get; init; }

    /// <summary>Size of the answer, where it was kept.</summary>
    public LogBodySize? Answer { get; init; }
}

/// <summary>Size of a body.</summary>
/// <param name="Bytes">Bytes that it had.</param>
/// <param name="Cut">True when not all of it is kept.</param>
/// <param name="Redacted">Places that were redacted.</param>
public sealed record LogBodySize(long Bytes, bool Cut, int Redacted);

/// <summary>Answer to <c>GET /api/logs/{id}/bodies</c>.</summary>
public sealed record LogBodies
{
    /// <summary>Id of the request's record.</summary>
    public required string Id { get; init; }

    /// <summary>The request as the caller sent it, redacted; absent where it was not kept.</summary>
    public LoggedBody? Request { get; init; }

    /// <summary>The answer as it went out, redacted; a stream as one whole answer. Absent where it was not kept.</summary>
    public LoggedBody? Answer { get; init; }
}

/// <summary>Answer to <c>DELETE /api/logs</c>.</summary>
public sealed record LogErased
{
    /// <summary>Entries deleted by this call.</summary>
    public long Entries { get; init; }

    /// <summary>Entries whose bodies were deleted by this call.</summary>
    public long Bodies { get; init; }

    /// <summary>Usage records that do not name the end user any more.</summary>
    public long Records { get; init; }

    /// <summary>False when there is more: call again.</summary>
    public bool Done { get; init; }
}

internal static class UsageViews
{
    public static UsageRecordView View(string edge, UsageRecord r) => new()
    {
        Id = r.Id,
        StartedAt = DateTimeOffset.UnixEpoch.AddTicks(r.StartedAtMicros * TimeSpan.TicksPerMicrosecond),
        DurationMicros = r.DurationMicros,
        FirstByteMicros = r.FirstByteMicros,
        Edge = edge,
        Key = r.KeyId,
        Team = r.TeamId,
        User = r.UserId,
        Customer = r.CustomerId,
        EndUser = r.EndUser,
        Tags = r.Tags,
        Budgets = r.Budgets,
        Operation = r.Operation,
        Model = r.Model,
        Route = r.Route,
        Deployment = r.DeploymentId,
        Provider = r.ProviderId,
        Credential = r.CredentialId,
        Tier = r.Tier,
        TraceId = r.TraceId,
        Session = r.SessionId,
        Status = r.Status,
        Outcome = r.Outcome,
        ErrorCode = r.ErrorCode,
        Stream = r.Stream,
        Attempts = r.Attempts,
        Tokens = r.Tokens,
        Units = r.Units,
        Count = r.Count,
        Estimated = r.Estimated,
        Continued = r.Continued,
        CostNanoUsd = r.CostNanoUsd,
        PriceVersion = r.PriceVersion,
        Cache = r.Cache,
        SavedNanoUsd = r.SavedNanoUsd,
        SavedTokens = r.SavedTokens,
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogPage))]
[JsonSerializable(typeof(LogItem))]
[JsonSerializable(typeof(LogView))]
[JsonSerializable(typeof(LogBodies))]
[JsonSerializable(typeof(LogErased))]
internal sealed partial class LogJson : JsonSerializerContext;
