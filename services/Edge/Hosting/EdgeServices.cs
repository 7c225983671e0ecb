using Gateway.CloudAuth;
using Gateway.Contracts;
using Gateway.Edge.Admission;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Caching;
using Gateway.Edge.Callers;
using Gateway.Edge.Configuration;
using Gateway.Edge.Continuation;
using Gateway.ControlPlane;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Journal;
using Gateway.Edge.Mcp;
using Gateway.Edge.Mcp.Alone;
using Gateway.Edge.Models;
using Gateway.Edge.Passthrough;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Providers.Demo;
using Gateway.Edge.Proxy;
using Gateway.Edge.Realtime;
using Gateway.Edge.RequestLog;
using Gateway.Edge.RequestLog.Delivery;
using Gateway.Edge.Routing;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.Edge.StoredObjects;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Tools;
using Gateway.Edge.Translation;
using Gateway.Edge.Uploads;
using Gateway.Edge.Upstream;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.InternalAuth;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Edge.Hosting;

/// <summary>Registers the parts of the edge.</summary>
internal static class EdgeServices
{
    public static IServiceCollection AddEdge(this IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton(options);
        AddRuntime(services, options);
        AddPipeline(services);
        services.AddAnswerCache(options);
        services.AddRequestLog(options);
        services.AddSingleton<IInboundHandler, StoredResponseHandler>();
        services.AddSingleton<RealtimeConnector>();
        services.AddSingleton<RealtimeRelay>();
        services.AddSingleton<IInboundHandler, RealtimeHandler>();
        services.AddSingleton<PassthroughRelay>();
        services.AddSingleton<PassthroughEndpoint>();
        services.AddSingleton<UsableModels>();
        services.AddSingleton<IInboundHandler, ModelListHandler>();
        services.AddSingleton<IInboundHandler, ModelHandler>();
        services.AddStoredObjects(options);
        services.AddHttpForwarder();
        services.AddSingleton<McpMeter>();
        services.AddSingleton<McpEndpoint>();
        services.AddSingleton<ProtectedResource>();
        services.AddSingleton<ServiceProxy>();
        services.AddSingleton<IReadinessCheck, BudgetReadiness>();
        return options.ConfigFile is { } file ? AddAlone(services, options, file) : AddGoverned(services, options);
    }

    private static void AddRuntime(IServiceCollection services, EdgeOptions options)
    {
        services.AddSingleton(s => new BudgetBook(s.GetRequiredService<TimeProvider>(), isLocal: options.ConfigFile is not null));
        services.AddSingleton<BudgetMetrics>();
        services.AddSingleton(static s =>
        {
            s.GetRequiredService<BudgetMetrics>();
            return new BudgetGate(s.GetRequiredService<BudgetBook>(), s.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(s => new InFlightSlots(Path.Combine(options.DataDirectory, WireNames.Edge, "in-flight"), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<InFlightSlots>>()));
        services.AddSingleton(static s => s.GetRequiredService<InFlightSlots>().Run);
        services.AddSingleton<OrphanRecovery>();
        services.AddSingleton<RuntimeState>();
        services.AddSingleton(s => new IssuerKeyStore(Path.Combine(options.DataDirectory, WireNames.Edge), options.ConfigFile is null ? s.GetRequiredService<InternalToken>().Value : null));
        services.AddSingleton<EdgeMetrics>();
        services.AddSingleton<RequestLines>();
        services.AddHostedService<EdgeGauges>();
        services.AddSingleton(static s =>
        {
            var time = s.GetRequiredService<TimeProvider>();
            return new ProviderTransports(() => new DemoHandler(time), new AuthContext(EdgeTokenHttp.Create(), time, Environment.GetEnvironmentVariable));
        });
        services.AddSingleton<RuntimeHolder>();
        services.AddSingleton<ISnapshotSink>(static s => s.GetRequiredService<RuntimeHolder>());
        services.AddUsageJournal(new JournalOptions
        {
            Directory = Path.Combine(options.DataDirectory, WireNames.Edge, "journal"),
            LocalHistory = options.ConfigFile is not null,
            // Alone, the journal is the ledger.
            HoldForReplay = options.ConfigFile is not null,
        });
        services.AddSingleton(s => new BudgetCheckpoint(
            s.GetRequiredService<UsageJournal>(),
            s.GetRequiredService<BudgetBook>(),
            s.GetRequiredService<OrphanRecovery>(),
            Path.Combine(options.DataDirectory, WireNames.Edge, "budgets.json"),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<BudgetCheckpoint>>()));
        services.AddHostedService(static s => s.GetRequiredService<BudgetCheckpoint>());
        services.AddSingleton(s => new ObjectIds(SecretOf(s)));
        services.AddSingleton(s => new VaultKeys(SecretOf(s)));

        byte[] SecretOf(IServiceProvider s) => options.ConfigFile is null
            ? ObjectIdKey.Derive(s.GetRequiredService<InternalToken>().Value)
            : ObjectIdKey.Load(Path.Combine(options.DataDirectory, WireNames.Edge), s.GetRequiredService<ILogger<ObjectIds>>());
    }

    private static void AddPipeline(IServiceCollection services)
    {
        services.AddSingleton<JwtCallers>().AddHostedService<JwtKeyKeeper>();
        services.AddSingleton<IdentifyStep>();
        services.AddSingleton<EnvelopeStep>();
        services.AddSingleton<AuthorizeStep>();
        services.AddSingleton<LearntTraffic>();
        services.AddSingleton<OutputMeter>();
        services.AddSingleton<AdmitStep>();
        services.AddGuarding();
        services.AddSingleton<RouteStep>();
        services.AddSingleton<ContinuationStep>();
        services.AddSingleton<ShadowCalls>();
        services.AddSingleton<CallRunner>();
        services.AddSingleton<HedgedCalls>();
        services.AddSingleton<RouteCalls>();
        services.AddSingleton<FallbackRoutes>();
        services.AddSingleton<CallStep>();
        services.AddSingleton<OutputGuard>();
        services.AddSingleton<StreamContinuation>();
        services.TryAddSingleton(KeepAliveSettings.Default);
        services.AddSingleton<StreamRelay>();
        services.AddSingleton<AnswerStep>();
        services.AddSingleton<SettleStep>();
        services.AddServiceHttpClient(WireNames.McpHub);
        services.AddSingleton<HubClient>();
        services.AddSingleton<HandedBack>();
        services.AddSingleton<ToolRunner>();
        services.AddSingleton<ToolsStep>();
        services.AddSingleton<AgentLoop>();
        services.AddSingleton<InferencePipeline>();
    }

    private static IServiceCollection AddAlone(IServiceCollection services, EdgeOptions options, string file)
    {
        services.AddSingleton<HubConfiguration>();
        services.AddSingleton<WithheldTools>();
        services.AddSingleton(s => new AloneEndpoints(
            s.GetRequiredService<HubConfiguration>(),
            s.GetRequiredService<WithheldTools>(),
            new LogFile(new LogFileOptions { Path = Path.Combine(options.DataDirectory, WireNames.Edge, "mcp-calls.jsonl"), Keep = 2 }, s.GetRequiredService<ILogger<LogFile>>())));
        services.TryAddSingleton(new Approvals(null));
        return services.AddGatewayFile(new GatewayFileSourceOptions { Path = file });
    }

    private static IServiceCollection AddGoverned(IServiceCollection services, EdgeOptions options)
    {
        services.AddServiceHttpClient(WireNames.Guardrails);
        services.AddGuardService();
        services.AddSingleton(static s => new Approvals(() => s.GetRequiredService<IServiceClients>().Get(WireNames.Governance)));
        // The name that its usage comes under, so that governance takes both for one edge. It is known once the journal is open.
        services.AddControlPlane(Path.Combine(options.DataDirectory, WireNames.Edge), name: static s => () => s.GetRequiredService<UsageJournal>().EdgeId);
        services.AddUsageDelivery();
        services.AddSingleton<LeaseExchange>();
        services.AddHostedService(static s => new LeaseClient(
            s.GetRequiredService<LeaseExchange>(),
            s.GetRequiredService<BudgetBook>(),
            s.GetRequiredService<InFlightSlots>(),
            s.GetRequiredService<OrphanRecovery>(),
            s.GetRequiredService<UsageJournal>(),
            s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
            s.GetRequiredService<ILogger<LeaseClient>>()));
        services.AddSingleton(static s => new HealthExchange(
            s.GetRequiredService<RuntimeState>().Routing,
            s.GetRequiredService<UsageJournal>(),
            s.GetRequiredService<IServiceClients>().Get(WireNames.Governance),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<HealthExchange>>(),
            s.GetRequiredService<CacheMetrics>().Report));
        return services.AddHostedService(static s => s.GetRequiredService<HealthExchange>());
    }
}
