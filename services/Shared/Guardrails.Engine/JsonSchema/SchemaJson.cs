using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Guardrails.Engine.JsonSchema;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class SchemaJson : JsonSerializerContext;
