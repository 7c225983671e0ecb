namespace Gateway.LlmSimulator.Serving;

/// <summary>The first part of an answer.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Headers in order, without framing.</param>
/// <param name="ContentLength">Length of the body; null sends it chunked.</param>
internal sealed record AnswerHead(int Status, List<KeyValuePair<string, string>> Headers, long? ContentLength);

/// <summary>Where an answer goes: through Kestrel, or past it when the answer is to break HTTP.</summary>
internal interface IWire
{
    /// <summary>Sends the head, if it can go without a body yet.</summary>
    ValueTask<bool> StartAsync(AnswerHead head);

    /// <summary>Sends bytes of the body in one write.</summary>
    /// <returns>False when the client has left.</returns>
    ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends the body as HTTP wants it.</summary>
    ValueTask EndAsync();

    /// <summary>Breaks the connection off.</summary>
    ValueTask BreakAsync(bool reset);
}
