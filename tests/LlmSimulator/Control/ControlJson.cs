using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.LlmSimulator.Control;

/// <summary>A kept request as the control endpoint shows it.</summary>
internal sealed record ReceivedHead(string RequestId, string Method, string Path, IReadOnlyDictionary<string, string> Headers, int BodyBytes);

/// <summary>What <c>GET /control/stats</c> answers.</summary>
internal sealed record StatsDocument(SimulatorStats Stats, int Scripted, IReadOnlyList<ReceivedHead> Received);

/// <summary>What <c>POST /control</c> answers.</summary>
internal sealed record ControlDocument(int Scripted);

/// <summary>Serializers of the control endpoint.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(StatsDocument))]
[JsonSerializable(typeof(SimulatorBill))]
[JsonSerializable(typeof(ControlDocument))]
internal sealed partial class ControlJson : JsonSerializerContext;
