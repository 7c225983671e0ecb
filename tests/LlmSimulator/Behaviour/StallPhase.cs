namespace Gateway.LlmSimulator.Behaviour;

/// <summary>Where an answer stops for ever (until the client leaves or the simulator stops).</summary>
public enum StallPhase
{
    /// <summary>It does not stall.</summary>
    None,

    /// <summary>Before the response headers.</summary>
    Headers,

    /// <summary>After the headers, before the first byte of the body.</summary>
    FirstByte,

    /// <summary>Half-way: after half the events of a stream, or half the bytes of a plain answer.</summary>
    Body,

    /// <summary>After everything but the end: a stream has sent its last token and neither <c>[DONE]</c> nor the end of the body.</summary>
    End,
}
