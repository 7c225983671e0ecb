using System.Text.Json.Serialization;
using Gateway.Contracts;
using Gateway.Dashboard.Hosting;
using Gateway.Governance.Access;
using Gateway.Governance.Access.Login;
using Gateway.Governance.Alerts;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Budgets;
using Gateway.Governance.Caching;
using Gateway.Governance.Credentials;
using Gateway.Governance.Customers;
using Gateway.Governance.DashboardHost;
using Gateway.Governance.Declarative;
using Gateway.Governance.Deployments;
using Gateway.Governance.Entries;
using Gateway.Governance.Exports;
using Gateway.Governance.Guardrails;
using Gateway.Governance.Health;
using Gateway.Governance.History;
using Gateway.Governance.Idempotency;
using Gateway.Governance.Keys;
using Gateway.Governance.Ledger;
using Gateway.Governance.Limits;
using Gateway.Governance.Mcp;
using Gateway.Governance.Prices;
using Gateway.Governance.Providers;
using Gateway.Governance.Reconciliation;
using Gateway.Governance.Reconciliation.Fetching;
using Gateway.Governance.RequestLog;
using Gateway.Governance.RequestLog.Ingestion;
using Gateway.Governance.Routes;
using Gateway.Governance.Secrets;
using Gateway.Governance.Settings;
using Gateway.Governance.Snapshot;
using Gateway.Governance.Status;
using Gateway.Governance.Storage;
using Gateway.Governance.Storage.Migrations;
using Gateway.Governance.Teams;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Users;
using Gateway.Guardrails.Deep;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Stores;

namespace Gateway.Governance;

/// <summary>Registers and maps the capabilities of this service.</summary>
internal static class GovernanceApp
{
    /// <exception cref="StartupException">A configuration value is not legal.</exception>
    public static void AddGovernance(this WebApplicationBuilder builder)
    {
        var options = GovernanceOptions.From(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(options);
        if (builder.AddGatewayPostgres())
        {
            services.AddSingleton<Database, PostgresDatabase>();
        }
        else
        {
            // By factory, so that the container disposes of it and no pooled connection holds on to the file.
            services.AddSingleton<Database>(_ => new SqliteDatabase(Path.Combine(options.OwnDirectory, "governance.db")));
        }

        services.AddSingleton<StoreGate>().AddSingleton<Migrator>().AddSingleton<StoreIdentity>().AddSingleton<AdminKeyStore>().AddSingleton<KeyHolders>().AddSingleton<AdminCallers>().AddSingleton<OidcIssuer>().AddSingleton<KeyActors>().AddSingleton<SessionStore>().AddSingleton<FirstKeys>();
        services.AddHttpContextAccessor().AddSingleton<ICurrentActor, CurrentActor>().AddSingleton<AccessGuard>().AddSingleton<UsageReach>().AddSingleton<DryRunLogs>().AddSingleton(static _ => new DeepInjection());
        services.AddSingleton<ResourceRegistry>().AddSingleton<ConfigStore>().AddSingleton<ResourceService>();
        services.AddKeyRing().AddSecretReferences();
        builder.AddAudit();
        services.AddSingleton<IChangeRecorder, HistoryRecorder>().AddSingleton<HistoryQueries>().AddSingleton<ConfigRollback>().AddSingleton<ApplyService>();
        services.AddSingleton<IdempotentAnswers>().AddSingleton<IChangeRecorder>(s => s.GetRequiredService<IdempotentAnswers>());
        services.AddSingleton<SnapshotBuilder>().AddSingleton<SnapshotSource>().AddSingleton<EdgeRegistry>();
        services.AddSingleton<CachePurges>().AddSingleton<CacheService>().AddServiceHttpClient(WireNames.SemanticCache);
        services.AddSingleton<LimitTable>().AddSingleton<KeeperCount>().AddSingleton<HealthBoard>().AddSingleton<RouteSimulator>();
        services.AddBudgetLedger(builder.Configuration);
        services.AddSingleton<BudgetStates>().AddSingleton<BudgetAdjustments>();
        services.AddAlerts();
        services.AddUsage(builder.Configuration);
        services.AddRequestLog(builder.Configuration);
        services.AddExports(builder.Configuration);
        services.AddSingleton<BillStore>().AddSingleton<ReconciliationAdjustments>().AddBillFetching();
        services.AddSingleton<IProviderDetection, EnvironmentDetection>().AddSingleton<IProviderDetection, OllamaDetection>().AddSingleton<IProviderDetection, DemoDetection>();
        services.AddSingleton<ProviderResource>().AddSingleton<CredentialResource>().AddSingleton<DeploymentResource>().AddSingleton<RouteResource>();
        services.AddSingleton<CustomerResource>().AddSingleton<TeamResource>().AddSingleton<UserResource>().AddSingleton<BudgetResource>().AddSingleton<KeyResource>().AddSingleton<KeyBulk>().AddSingleton<IssuerResource>();
        services.AddSingleton<PriceOverrideResource>().AddSingleton<LimitResource>().AddSingleton<GuardrailResource>().AddSingleton<ApprovalStore>();
        services.AddMcpGovernance();

        // Also what others ask for by type.
        services.AddSingleton<OverlayService>().AddHostedService(s => s.GetRequiredService<OverlayService>());
        services.AddSingleton<Rerater>().AddHostedService(s => s.GetRequiredService<Rerater>());
        services.AddHostedService(static s => s.GetRequiredService<KeeperCount>());
        services.AddHostedService<StoreWatcher>().AddHostedService<StartupService>();
        services.AddReadinessCheck<StoreReadiness>();
        services.AddDashboardHost();
        services.AddApiDocument();
        services.ConfigureHttpJsonOptions(o =>
        {
            // What the OpenAPI document says of numbers and enums is what the readers and writers of this API do.
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
    }

    public static void MapGovernance(this WebApplication app)
    {
        app.UseInProcessApi();
        app.UseMiddleware<Failures>();
        app.UseMiddleware<AdminAccess>();
        app.UseRouting();
        app.UseMiddleware<AccessEnforcement>();
        app.UseMiddleware<IdempotencyKeys>();
        app.UseMiddleware<AuditTrail>();

        var services = app.Services;
        var api = app.MapGroup(AdminAccess.Prefix);
        api.MapResource(services.GetRequiredService<ProviderResource>(), "Providers");
        api.MapResource(services.GetRequiredService<CredentialResource>(), "Credentials").MapSecretCheck();
        api.MapResource(services.GetRequiredService<DeploymentResource>(), "Deployments");
        api.MapResource(services.GetRequiredService<RouteResource>(), "Model routes").MapSimulation();
        api.MapResource(services.GetRequiredService<CustomerResource>(), "Customers");
        api.MapResource(services.GetRequiredService<TeamResource>(), "Teams");
        api.MapResource(services.GetRequiredService<UserResource>(), "Users");
        api.MapResource(services.GetRequiredService<LimitResource>(), "Rate limits");
        var budgets = services.GetRequiredService<BudgetResource>();
        api.MapResource(budgets, "Budgets").MapBudgetOperations(budgets);
        api.MapAlerts(services.GetRequiredService<AlertChannelResource>());
        var keys = services.GetRequiredService<KeyResource>();
        api.MapResource(keys, "Virtual keys", hasOwnList: true).MapKeys(keys);
        api.MapResource(services.GetRequiredService<IssuerResource>(), "JWT issuers");
        api.MapResource(services.GetRequiredService<PriceOverrideResource>(), "Price overrides");
        var guardrails = services.GetRequiredService<GuardrailResource>();
        api.MapResource(guardrails, "Guardrail policies").MapDryRun(guardrails);
        api.MapApprovals();
        api.MapMcpGovernance();
        api.MapPrices();
        api.MapSettings();
        api.MapCache();
        api.MapUsage();
        api.MapRequestLog();
        api.MapReconciliation();
        api.MapBillSources(services.GetRequiredService<BillSourceResource>());
        api.MapStatus();
        api.MapHealth();
        api.MapAdminKeys();
        api.MapSelf();
        api.MapKeyRing();
        api.MapLogin();
        api.MapAudit();
        api.MapConfigHistory();
        api.MapApply();
        app.MapOpenApi("/api/{documentName}.json").OpenToAll();

        var inside = app.MapGroup("/internal").RequireInternalToken().ExcludeFromDescription();
        inside.MapSnapshot();
        inside.MapUsageIngest();
        inside.MapLogIngest();
        inside.MapLeases();
        inside.MapHealthExchange();
        inside.MapLimitExchange();
        inside.MapApprovalExchange();
        inside.MapMcpExchange();
        inside.MapServiceSettings();
        app.MapStatusPage();
        app.MapDashboard();
        AccessRules.Check(((IEndpointRouteBuilder)app).DataSources.SelectMany(s => s.Endpoints), AdminAccess.Prefix);
    }
}
