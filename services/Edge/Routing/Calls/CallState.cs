using Gateway.Edge.Errors;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Routing.Calls;

/// <summary>What is remembered of the calls of one request that did not answer.</summary>
internal sealed class CallState : IDisposable
{
    private CallResult? _refusal;

    /// <summary>The last failure.</summary>
    public UpstreamFault Last { get; private set; } = new(GatewayError.UpstreamUnreachable, "", false);

    /// <summary>True when nothing but rate limits stood in the way so far.</summary>
    public bool OnlyRateLimits { get; private set; } = true;

    /// <summary>The last answer with an error status, or null.</summary>
    public CallResult? Refusal => _refusal;

    /// <summary>Takes over a call that did not answer.</summary>
    public void Keep(in CallResult result)
    {
        _refusal?.Dispose();
        _refusal = null;
        if (result.Verdict != Verdict.Skipped)
        {
            OnlyRateLimits &= result.Fault.Error == GatewayError.UpstreamRateLimited;
            Last = result.Fault;
        }

        if (result.HasAnswer)
        {
            _refusal = result;
        }
        else
        {
            result.Dispose();
        }
    }

    /// <summary>Passes the last refusal on as the request's answer.</summary>
    public void AdoptRefusal()
    {
        _refusal!.Value.Adopt();
        _refusal = null;
    }

    public void Dispose()
    {
        _refusal?.Dispose();
        _refusal = null;
    }
}
