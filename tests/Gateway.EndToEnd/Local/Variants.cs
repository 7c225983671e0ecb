using Gateway.EndToEnd.Clients;

namespace Gateway.EndToEnd.Local;

// Each class of tests, once on the embedded stores and once on redis and postgres.

[Collection(EmbeddedGateway.Name)]
public sealed class OpenAIClientOnEmbeddedStores(EmbeddedGateway gateway) : OpenAIClientTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class OpenAIClientOnRedisAndPostgres(StoresGateway gateway) : OpenAIClientTests(gateway);

[Collection(EmbeddedGateway.Name)]
public sealed class JavaScriptClientOnEmbeddedStores(EmbeddedGateway gateway) : JavaScriptClientTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class JavaScriptClientOnRedisAndPostgres(StoresGateway gateway) : JavaScriptClientTests(gateway);

[Collection(EmbeddedGateway.Name)]
public sealed class FrontDoorOnEmbeddedStores(EmbeddedGateway gateway) : FrontDoorTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class FrontDoorOnRedisAndPostgres(StoresGateway gateway) : FrontDoorTests(gateway);

[Collection(EmbeddedGateway.Name)]
public sealed class UsageOnEmbeddedStores(EmbeddedGateway gateway) : UsageTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class UsageOnRedisAndPostgres(StoresGateway gateway) : UsageTests(gateway);

[Collection(EmbeddedGateway.Name)]
public sealed class RequestLogOnEmbeddedStores(EmbeddedGateway gateway) : RequestLogTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class RequestLogOnRedisAndPostgres(StoresGateway gateway) : RequestLogTests(gateway);

[Collection(EmbeddedGateway.Name)]
public sealed class GuardrailsOnEmbeddedStores(EmbeddedGateway gateway) : GuardrailTests(gateway, isShared: false);

[Collection(StoresGateway.Name)]
public sealed class GuardrailsOnRedisAndPostgres(StoresGateway gateway) : GuardrailTests(gateway, isShared: true);

[Collection(EmbeddedGateway.Name)]
public sealed class McpGovernanceOnEmbeddedStores(EmbeddedGateway gateway) : McpGovernanceTests(gateway);

[Collection(StoresGateway.Name)]
public sealed class McpGovernanceOnRedisAndPostgres(StoresGateway gateway) : McpGovernanceTests(gateway);
