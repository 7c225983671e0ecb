namespace Gateway.LlmSimulator.Control;

/// <summary>One request as it arrived.</summary>
/// <param name="RequestId">The <c>x-request-id</c> it was answered with.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path with its query.</param>
/// <param name="Headers">Names in lower case; credentials are replaced by <see cref="SimulatorHost.Redact"/> of their value.</param>
/// <param name="Body">The body, up to <see cref="SimulatorOptions.KeepBodyBytes"/>.</param>
public sealed record ReceivedRequest(string RequestId, string Method, string Path, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>What was asked for, such as <c>OpenAIChat</c>, <c>Messages</c>, <c>StreamGenerateContent</c> or <c>Converse</c>.</summary>
    public string Call { get; init; } = "OpenAIChat";

    /// <summary>The body as text.</summary>
    public string BodyText => System.Text.Encoding.UTF8.GetString(Body.Span);
}
