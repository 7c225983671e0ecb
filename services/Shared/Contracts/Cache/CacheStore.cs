using System.Text.Json.Serialization;

namespace Gateway.Contracts.Cache;

/// <summary>Body of <c>POST /v1/store</c>: an answer that may be given again.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheStoreRequest
{
    /// <summary>As in <see cref="CacheLookupRequest.Partition"/>.</summary>
    public required string Partition { get; init; }

    /// <summary>The question. A question that the partition has already (but for case and spaces) replaces the older answer.</summary>
    public required string Text { get; init; }

    /// <summary>Id of the same answer in the exact caches, 64 lower-case hex digits: whoever removes one by it removes the other. Null for none.</summary>
    public string? AnswerId { get; init; }

    /// <summary>From the look-up before, which saves embedding the text again; null or one that is forgotten works as well.</summary>
    public string? LookupId { get; init; }

    /// <summary>The answer.</summary>
    public required CacheAnswer Answer { get; init; }

    /// <summary>For what and whom it was made: by this entries are purged and browsed.</summary>
    public CacheEntryFacts Facts { get; set; } = new();

    /// <summary>How long it may be given again, in seconds. 1 to 31,536,000.</summary>
    public required long TtlSeconds { get; init; }

    /// <summary>How long after that it is kept for look-ups that take stale answers, in seconds. 0 to 31,536,000; default 0.</summary>
    public long StaleSeconds { get; set; }

    /// <summary>What is done with a text longer than the model's window. Default <see cref="CacheLongText.Skip"/>.</summary>
    public CacheLongText LongText { get; set; } = CacheLongText.Skip;
}

/// <summary>An answer as the cache keeps it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheAnswer
{
    /// <summary>The body, base64 in JSON. The cache does not look into it.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Media type of the body. Default <c>application/json</c>.</summary>
    public string ContentType { get; set; } = "application/json";

    /// <summary>Wire format of the body, as the edge names it.</summary>
    public string Dialect { get; set; } = "";

    /// <summary>The answer's text, by which two answers are compared; null where it has none, then bodies are compared.</summary>
    public string? Text { get; init; }

    /// <summary>Prompt tokens of the original request. 0 or more.</summary>
    public long PromptTokens { get; set; }

    /// <summary>Completion tokens of the original answer. 0 or more.</summary>
    public long CompletionTokens { get; set; }

    /// <summary>What the original cost, in nano-US-dollars: what a hit saves. 0 or more.</summary>
    public long CostNano { get; set; }
}

/// <summary>For what and whom an entry was made. Each at most 256 characters, at most 32 tags.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheEntryFacts
{
    /// <summary>The scope within which it is shared, for example <c>team:blue</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>Id of the virtual key that made it.</summary>
    public string? Key { get; init; }

    /// <summary>Id of that key's team.</summary>
    public string? Team { get; init; }

    /// <summary>Id of that team's customer.</summary>
    public string? Customer { get; init; }

    /// <summary>Id of the route.</summary>
    public string? Route { get; init; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; init; }

    /// <summary>Tags of the request.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];
}

/// <summary>Answer to <c>POST /v1/store</c>.</summary>
public sealed record CacheStoreResponse
{
    /// <summary>True when the answer can be found from now on.</summary>
    public required bool Stored { get; init; }

    /// <summary>Why not, a word of <see cref="CacheReasons"/>; null when it was stored.</summary>
    public string? Reason { get; init; }

    /// <summary>Id of the entry; null when none was made.</summary>
    public string? EntryId { get; init; }
}

/// <summary>Body of <c>POST /v1/observe</c>: a fresh answer to compare with a stored one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheObserveRequest
{
    /// <summary>The look-up that asked for evidence. One that is forgotten is answered with <see cref="CacheObserveResponse.Recorded"/> false.</summary>
    public required string LookupId { get; init; }

    /// <summary>Text of the fresh answer; null where there is none.</summary>
    public string? AnswerText { get; init; }

    /// <summary>Body of the fresh answer, base64; only looked at when there is no text.</summary>
    public byte[]? AnswerBody { get; init; }

    /// <summary>What a judge (a model, a person) said; null to let the service compare.</summary>
    public bool? Equivalent { get; init; }

    /// <summary>True when the caller can ask a judge: answers between clearly same and clearly different are then sent back undecided. Default false.</summary>
    public bool CanJudge { get; set; }
}

/// <summary>Answer to <c>POST /v1/observe</c>.</summary>
public sealed record CacheObserveResponse
{
    /// <summary>True when it became evidence.</summary>
    public required bool Recorded { get; init; }

    /// <summary>Whether the two answers say the same; null when undecided or forgotten.</summary>
    public bool? Equivalent { get; init; }

    /// <summary>How that was found: <c>equal</c>, <c>numbers</c>, <c>embedding</c>, <c>judge</c>, <c>undecided</c> (send it again with the judge's verdict) or <c>forgotten</c>.</summary>
    public required string Basis { get; init; }

    /// <summary>Cosine of the two answers; null where it was not needed.</summary>
    public double? Similarity { get; init; }

    /// <summary>Only when undecided: the question that the stored answer is to, for the judge.</summary>
    public string? StoredQuestion { get; init; }

    /// <summary>Only when undecided: the stored answer's text.</summary>
    public string? StoredAnswer { get; init; }
}
