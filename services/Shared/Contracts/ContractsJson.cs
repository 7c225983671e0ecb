using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Health;
using Gateway.Contracts.Limits;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Usage;

namespace Gateway.Contracts;

/// <summary>
/// Source-generated JSON of everything that services send each other: camelCase, enums by name. Members that this build does not know are passed over and members
/// that are missing take their default, so that two versions understand each other during an upgrade. Members with a default have setters for that reason: a
/// generated reader overwrites the default of an init-only one.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GatewaySnapshot))]
[JsonSerializable(typeof(ServiceSettings))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseResponse))]
[JsonSerializable(typeof(LimitRequest))]
[JsonSerializable(typeof(LimitResponse))]
[JsonSerializable(typeof(UsageBatch))]
[JsonSerializable(typeof(UsageAck))]
[JsonSerializable(typeof(GuardCheckRequest))]
[JsonSerializable(typeof(GuardCheckResponse))]
[JsonSerializable(typeof(GuardPoliciesRequest))]
[JsonSerializable(typeof(GuardPoliciesResponse))]
[JsonSerializable(typeof(GuardTextsRequest))]
[JsonSerializable(typeof(GuardTextsResponse))]
[JsonSerializable(typeof(GuardAnalysis))]
[JsonSerializable(typeof(GuardRulesRequest))]
[JsonSerializable(typeof(GuardRulesResponse))]
[JsonSerializable(typeof(GuardVaultQuery))]
[JsonSerializable(typeof(GuardVaultEntries))]
[JsonSerializable(typeof(GuardVaultAnswer))]
[JsonSerializable(typeof(ApprovalAsk))]
[JsonSerializable(typeof(ApprovalState))]
[JsonSerializable(typeof(CacheLookupRequest))]
[JsonSerializable(typeof(CacheLookupResponse))]
[JsonSerializable(typeof(CacheStoreRequest))]
[JsonSerializable(typeof(CacheStoreResponse))]
[JsonSerializable(typeof(CacheDeleteResponse))]
[JsonSerializable(typeof(CacheObserveRequest))]
[JsonSerializable(typeof(CacheObserveResponse))]
[JsonSerializable(typeof(CacheEntryList))]
[JsonSerializable(typeof(CacheEntryView))]
[JsonSerializable(typeof(CacheStats))]
[JsonSerializable(typeof(CacheExplainRequest))]
[JsonSerializable(typeof(CacheExplainResponse))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(SharedHealth))]
[JsonSerializable(typeof(McpToolReport))]
[JsonSerializable(typeof(McpToolAck))]
[JsonSerializable(typeof(McpApprovalAsk))]
[JsonSerializable(typeof(McpCallBatch))]
[JsonSerializable(typeof(McpCallAck))]
[JsonSerializable(typeof(HubToolsQuery))]
[JsonSerializable(typeof(HubToolsAnswer))]
[JsonSerializable(typeof(HubCallQuery))]
[JsonSerializable(typeof(HubCallAnswer))]
[JsonSerializable(typeof(McpTrial))]
[JsonSerializable(typeof(McpTrialAnswer))]
[JsonSerializable(typeof(RequestLogBatch))]
[JsonSerializable(typeof(RequestLogAck))]
public sealed partial class ContractsJson : JsonSerializerContext;
