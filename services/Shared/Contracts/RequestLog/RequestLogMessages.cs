using Gateway.Contracts.Usage;

namespace Gateway.Contracts.RequestLog;

/// <summary>
/// What is told of one request besides its usage record: how it went, and, by policy, what was said. Only requests with something to tell have an entry. Whatever was
/// said is redacted before it is here.
/// </summary>
public sealed record RequestLogEntry
{
    /// <summary>Id of the usage record.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived, in microseconds since 1970-01-01 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>The id that the caller got, in <c>x-gateway-request-id</c>.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>Virtual key.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>Team of the key; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>Customer of the key; empty for none.</summary>
    public string CustomerId { get; set; } = "";

    /// <summary>End user as the request names it; empty for none.</summary>
    public string EndUser { get; set; } = "";

    /// <summary>Session that the caller named; empty for none.</summary>
    public string SessionId { get; set; } = "";

    /// <summary>Public model name as the caller wrote it.</summary>
    public string Model { get; set; } = "";

    /// <summary>Whose fault an error was: <c>client</c>, <c>gateway</c> or <c>upstream</c>; empty for none.</summary>
    public string Fault { get; set; } = "";

    /// <summary>The step in which it failed; empty for none.</summary>
    public string Step { get; set; } = "";

    /// <summary>What the caller was told of the error, redacted; empty for none.</summary>
    public string Message { get; set; } = "";

    /// <summary>Why the model stopped, as the caller was told; empty where the answer is not kept or does not say.</summary>
    public string FinishReason { get; set; } = "";

    /// <summary>Events of the provider's stream; 0 for a plain answer.</summary>
    public int Events { get; set; }

    /// <summary>Address of who called, as the policy wants it; empty for none.</summary>
    public string ClientAddress { get; set; } = "";

    /// <summary>The caller's <c>User-Agent</c>, at most 200 characters: which SDK it was.</summary>
    public string UserAgent { get; set; } = "";

    /// <summary>The decision record as JSON: routes, candidates, what was left out and why, calls that failed, times; empty where nothing was decided.</summary>
    public string Decision { get; set; } = "";

    /// <summary>What steps noted, for example of the cache and of guardrails. At most 32 of 300 characters.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>What the provider could not be told of the request.</summary>
    public IReadOnlyList<string> Dropped { get; set; } = [];

    /// <summary>The request as the caller sent it, or null.</summary>
    public LoggedBody? Request { get; set; }

    /// <summary>The answer as it went out, or null.</summary>
    public LoggedBody? Answer { get; set; }

    /// <summary>The usage record; only in the file of an edge that runs alone.</summary>
    public UsageRecord? Usage { get; set; }
}

/// <summary>What was said, redacted.</summary>
public sealed record LoggedBody
{
    /// <summary>The text: JSON where the body was. A stream is one whole answer.</summary>
    public string Text { get; set; } = "";

    /// <summary>Bytes that the body had.</summary>
    public long Bytes { get; set; }

    /// <summary>True when not all of it is here.</summary>
    public bool Cut { get; set; }

    /// <summary>How many places were redacted.</summary>
    public int Redacted { get; set; }
}

/// <summary>Body of <c>POST /internal/logs</c>.</summary>
public sealed record RequestLogBatch
{
    /// <summary>The edge that sends.</summary>
    public required string EdgeId { get; init; }

    /// <summary>At most 500 entries.</summary>
    public required IReadOnlyList<RequestLogEntry> Entries { get; init; }

    /// <summary>Entries and bodies that this edge has left out since it started, because it could not keep up or had no room.</summary>
    public long Thinned { get; set; }
}

/// <summary>Answer to <c>POST /internal/logs</c>, given once every entry is durable.</summary>
public sealed record RequestLogAck
{
    /// <summary>Entries stored by this call.</summary>
    public required int Stored { get; init; }

    /// <summary>Entries that had been stored before.</summary>
    public required int Duplicates { get; init; }
}
