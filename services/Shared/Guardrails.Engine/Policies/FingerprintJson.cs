using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Policies;

[JsonSerializable(typeof(IReadOnlyList<GuardrailRuleEntry>))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
