namespace Gateway.Audit;

/// <summary>One row of an audit chain. Every member but <see cref="Hash"/> is covered by the hash, in the order of declaration.</summary>
public sealed record AuditRow
{
    /// <summary>The chain: <c>gateway</c>, or <c>customer:</c> and the customer's id.</summary>
    public required string Chain { get; init; }

    /// <summary>Place in the chain, from 1 on without gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was written, Unix microseconds.</summary>
    public required long AtMicros { get; init; }

    /// <summary>Id of who did it; <c>system</c> for the gateway itself, empty where nobody is known.</summary>
    public string ActorId { get; set; } = "";

    /// <summary>Display name of who did it.</summary>
    public string ActorName { get; set; } = "";

    /// <summary>Role they did it in.</summary>
    public string ActorRole { get; set; } = "";

    /// <summary>What was done, for example <c>create</c>, <c>change</c>, <c>delete</c>, <c>access.denied</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Kind of the entry it was done to, or empty.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Id of the entry it was done to, or empty.</summary>
    public string EntryId { get; set; } = "";

    /// <summary>The rest, as the text of a JSON object or empty. For changes <c>before</c> and <c>after</c>, without secrets.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The request it was done by, or empty.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>Address of the client, or empty.</summary>
    public string Address { get; set; } = "";

    /// <summary>Why, in the words of who did it, or empty.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Hash of the row before; 64 zeros in the first.</summary>
    public required string Previous { get; init; }

    /// <summary>SHA-256 of the <see cref="CanonicalForm"/>, 64 lower-case hex digits.</summary>
    public string Hash { get; set; } = "";

    /// <summary>The row with the hash that belongs to it.</summary>
    public AuditRow Sealed() => this with { Hash = CanonicalForm.Hash(this) };
}
