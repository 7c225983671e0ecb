using System.Diagnostics;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Telemetry;

/// <summary>What is recorded of a request that is traced from its start.</summary>
/// <param name="server">The span of the request.</param>
internal sealed class RequestTrace(Activity server)
{
    private readonly List<(UpstreamAttempt Attempt, Activity Call)> _calls = [];

    /// <summary>The span of the request.</summary>
    public Activity Server { get; } = server;

    /// <summary>The span of the call that answered; null while there is none.</summary>
    public Activity? Call { get; set; }

    /// <summary>Keeps the span of a call under way; calls of one request may run at once.</summary>
    public void Put(UpstreamAttempt attempt, Activity call)
    {
        lock (_calls)
        {
            _calls.Add((attempt, call));
        }
    }

    /// <summary>Gives out the span of a call, once.</summary>
    public Activity? Take(UpstreamAttempt attempt)
    {
        lock (_calls)
        {
            var at = _calls.FindIndex(c => ReferenceEquals(c.Attempt, attempt));
            var call = at < 0 ? null : _calls[at].Call;
            _calls.RemoveAll(c => ReferenceEquals(c.Attempt, attempt));
            return call;
        }
    }

    /// <summary>What the answer says of itself.</summary>
    public AnswerFacts Facts { get; } = new();

    /// <summary>True when the spans are ended by the request log, which adds what was said.</summary>
    public bool IsHandedOn { get; set; }

    /// <summary>Sends the spans; what was not told of them by now never is. May be called twice.</summary>
    public void Stop()
    {
        Call?.Stop();
        Server.Stop();
    }
}
