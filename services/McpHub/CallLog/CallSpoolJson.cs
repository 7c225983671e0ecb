using System.Text.Json.Serialization;
using Gateway.Contracts.Mcp;

namespace Gateway.McpHub.CallLog;

/// <summary>The form in which calls wait on disk: as they are told to governance.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<McpCallRecord>))]
internal sealed partial class CallSpoolJson : JsonSerializerContext;
