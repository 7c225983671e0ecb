namespace Gateway.Edge.Admission.Limits;

/// <summary>What one request has taken of rate limits until it settles.</summary>
internal struct RateHold
{
    /// <summary>Tokens taken from every token limit over the request.</summary>
    public long Tokens { get; set; }
}
