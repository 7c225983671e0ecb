using System.Diagnostics;

namespace Gateway.Edge.Telemetry;

/// <summary>What is recorded of a request that is traced from its start.</summary>
/// <param name="server">The span of the request.</param>
internal sealed class RequestTrace(Activity server)
{
    /// <summary>The span of the request.</summary>
    public Activity Server { get; } = server;

    /// <summary>The span of the call that answered; null while there is none.</summary>
    public Activity? Call { get; set; }

    /// <summary>What the answer says of itself.</summary>
    public AnswerFacts Facts { get; } = new();

    /// <summary>True when the spans are ended by the request log, which adds what was said.</summary>
    public bool IsHandedOn { get; set; }
}
