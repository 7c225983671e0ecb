using Gateway.Edge.Admission.Limits;

namespace Gateway.Edge.Errors;

/// <summary>A request that ends without an answer of a provider: what is wrong, where, and what the caller can do.</summary>
internal sealed record Failure(GatewayError Error, Step Step, string Message)
{
    /// <summary>The request member concerned, or null.</summary>
    public string? Param { get; init; }

    /// <summary>When it is worth trying again, or null when waiting does not help or is not known to.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The approval that the request waits for, or null.</summary>
    public string? Approval { get; init; }

    /// <summary>What guardrails did to the request, as a header tells it, or null.</summary>
    public string? Guardrails { get; init; }

    /// <summary>Value of the <c>allow</c> header for a wrong method.</summary>
    public string? Allow { get; init; }

    /// <summary>The rate limit that had no room, or null.</summary>
    public LimitRefusal? Limit { get; init; }

    public ErrorRow Row => ErrorTable.Row(Error);
}
