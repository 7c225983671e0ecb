using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native;

/// <summary>What is wrong with a request, as its provider says it.</summary>
internal sealed record RuleBreak(string Message, string? Param = null, int Status = StatusCodes.Status400BadRequest);

/// <summary>A provider's way to read requests and write answers, written without the product's code, which it judges.</summary>
internal interface INativeDialect
{
    /// <summary>What the provider would refuse; null when the request is valid.</summary>
    RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route);

    /// <summary>What the answer depends on. Only called with valid requests.</summary>
    Asked Read(JsonElement body, CallRoute route);

    JsonNode Plain(Turn turn);

    IReadOnlyList<Frame> Events(Turn turn);

    Framing FramingOf(HttpRequest request);

    /// <summary>What follows the last event of a stream as it is.</summary>
    string Done { get; }

    JsonNode Error(int status, string? code, string? message, string? param);

    Frame StreamError(string? code);

    /// <summary>The provider's own headers.</summary>
    IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId);
}
