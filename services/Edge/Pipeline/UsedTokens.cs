using Gateway.Dialects;

namespace Gateway.Edge.Pipeline;

/// <summary>Counted tokens in a place of their own, which the attempt that answers hands to its request: a copy would cost each request its size.</summary>
internal sealed class UsedTokens
{
    /// <summary>The counts; a field, to be read and written in place.</summary>
    public TokenCounts Counts;
}
