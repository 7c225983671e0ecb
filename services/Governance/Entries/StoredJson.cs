using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Credentials;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Entries;

/// <summary>Writes the bodies of <c>config_entries</c>, and the entries of the admin API. Bodies are read back with <see cref="DefaultingJson"/>.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProviderEntry))]
[JsonSerializable(typeof(StoredCredential))]
[JsonSerializable(typeof(DeploymentEntry))]
[JsonSerializable(typeof(RouteEntry))]
[JsonSerializable(typeof(CustomerEntry))]
[JsonSerializable(typeof(TeamEntry))]
[JsonSerializable(typeof(UserEntry))]
[JsonSerializable(typeof(BudgetEntry))]
[JsonSerializable(typeof(LimitEntry))]
[JsonSerializable(typeof(PriceOverrideEntry))]
[JsonSerializable(typeof(GuardrailPolicyEntry))]
[JsonSerializable(typeof(StoredKey))]
[JsonSerializable(typeof(JwtIssuerEntry))]
[JsonSerializable(typeof(CachePurgeEntry))]
[JsonSerializable(typeof(McpServerEntry))]
[JsonSerializable(typeof(McpBundleEntry))]
[JsonSerializable(typeof(McpPolicyEntry))]
[JsonSerializable(typeof(McpToolEntry))]
[JsonSerializable(typeof(GatewaySettings))]
internal sealed partial class StoredJson : JsonSerializerContext;
