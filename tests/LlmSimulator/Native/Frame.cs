using System.Text.Json.Nodes;

namespace Gateway.LlmSimulator.Native;

/// <summary>One event of a stream before framing.</summary>
/// <param name="Name">The event's name; null where the dialect names none.</param>
/// <param name="Payload">Its JSON.</param>
/// <param name="Tokens">Tokens of the answer in it.</param>
/// <param name="IsEnd">Whether it belongs to what tells that the stream is complete.</param>
internal sealed record Frame(string? Name, JsonNode Payload, int Tokens = 0, bool IsEnd = false);
