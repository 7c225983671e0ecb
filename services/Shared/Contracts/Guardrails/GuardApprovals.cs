namespace Gateway.Contracts.Guardrails;

/// <summary>Body of <c>POST /internal/approvals</c>: a rule wants somebody to approve a request.</summary>
public sealed record ApprovalAsk
{
    /// <summary>The id of an approval that the caller says was given; null when none.</summary>
    public string? Id { get; set; }

    /// <summary>SHA-256 of what is to be approved: key, model and body, in hexadecimal digits. An approval holds for nothing else.</summary>
    public required string Digest { get; init; }

    /// <summary>Id of the policy that asks.</summary>
    public required string Policy { get; init; }

    /// <summary>What its rules found, by kind; never a text.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>The virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key's team; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>The public model.</summary>
    public string Model { get; set; } = "";

    /// <summary>The request's id in the gateway's logs.</summary>
    public string RequestId { get; set; } = "";
}

/// <summary>Answer to it.</summary>
public sealed record ApprovalState
{
    /// <summary>Id of the approval.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required ApprovalStatus Status { get; init; }

    /// <summary>Until when that holds.</summary>
    public required DateTimeOffset Until { get; init; }
}

/// <summary>Where an approval stands. Numbers are persisted: append only.</summary>
public enum ApprovalStatus
{
    /// <summary>Nobody has decided.</summary>
    Pending = 1,

    /// <summary>The request may pass.</summary>
    Approved = 2,

    /// <summary>It may not.</summary>
    Denied = 3,
}
