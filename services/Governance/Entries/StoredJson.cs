using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Credentials;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Entries;

/// <summary>JSON of the bodies in <c>config_entries</c>: what an older build did not write takes its default, what a newer one added is skipped.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProviderEntry))]
[JsonSerializable(typeof(StoredCredential))]
[JsonSerializable(typeof(DeploymentEntry))]
[JsonSerializable(typeof(RouteEntry))]
[JsonSerializable(typeof(TeamEntry))]
[JsonSerializable(typeof(BudgetEntry))]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(GatewaySettings))]
internal sealed partial class StoredJson : JsonSerializerContext;
