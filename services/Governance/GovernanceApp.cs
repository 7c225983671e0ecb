using Gateway.Governance.Api;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Budgets;
using Gateway.Governance.Credentials;
using Gateway.Governance.Deployments;
using Gateway.Governance.Entries;
using Gateway.Governance.Keys;
using Gateway.Governance.Providers;
using Gateway.Governance.Routes;
using Gateway.Governance.Settings;
using Gateway.Governance.Snapshot;
using Gateway.Governance.Status;
using Gateway.Governance.Storage;
using Gateway.Governance.Storage.Migrations;
using Gateway.Governance.Teams;
using Gateway.Governance.Usage;
using Npgsql;

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
        if (options.Postgres is { } connection)
        {
            services.AddSingleton(NpgsqlDataSource.Create(connection));
            services.AddSingleton<Database, PostgresDatabase>();
        }
        else
        {
            services.AddSingleton<Database>(new SqliteDatabase(Path.Combine(options.OwnDirectory, "governance.db")));
        }

        services.AddSingleton<StoreGate>().AddSingleton<Migrator>().AddSingleton<KeyRing>().AddSingleton<AdminKeys>().AddSingleton<FirstKeys>();
        services.AddSingleton<ConfigStore>().AddSingleton<ResourceService>();
        services.AddSingleton<SnapshotBuilder>().AddSingleton<SnapshotSource>().AddSingleton<EdgeRegistry>();
        services.AddSingleton<UsageLedger>().AddSingleton<UsageQueries>().AddSingleton<UsageRecordQuery>();
        services.AddSingleton<IProviderDetection, EnvironmentDetection>().AddSingleton<IProviderDetection, OllamaDetection>().AddSingleton<IProviderDetection, DemoDetection>();
        services.AddSingleton<ProviderResource>().AddSingleton<CredentialResource>().AddSingleton<DeploymentResource>().AddSingleton<RouteResource>();
        services.AddSingleton<TeamResource>().AddSingleton<BudgetResource>().AddSingleton<KeyResource>();

        // Also what others ask for by type.
        services.AddSingleton<OverlayService>().AddHostedService(s => s.GetRequiredService<OverlayService>());
        services.AddSingleton<UsageWriter>().AddHostedService(s => s.GetRequiredService<UsageWriter>());
        services.AddHostedService<StoreWatcher>().AddHostedService<StartupService>();
        services.AddApiDocument();
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
    }

    public static void MapGovernance(this WebApplication app)
    {
        app.UseMiddleware<Failures>();
        app.UseMiddleware<AdminAccess>();
        app.UseRouting();

        var services = app.Services;
        var api = app.MapGroup(AdminAccess.Prefix);
        api.MapResource(services.GetRequiredService<ProviderResource>(), "Providers");
        api.MapResource(services.GetRequiredService<CredentialResource>(), "Credentials");
        api.MapResource(services.GetRequiredService<DeploymentResource>(), "Deployments");
        api.MapResource(services.GetRequiredService<RouteResource>(), "Model routes");
        api.MapResource(services.GetRequiredService<TeamResource>(), "Teams");
        api.MapResource(services.GetRequiredService<BudgetResource>(), "Budgets");
        var keys = services.GetRequiredService<KeyResource>();
        api.MapResource(keys, "Virtual keys").MapRegenerate(keys);
        api.MapSettings();
        api.MapUsage();
        api.MapStatus();
        app.MapOpenApi("/api/{documentName}.json");

        var inside = app.MapGroup("/internal").RequireInternalToken().ExcludeFromDescription();
        inside.MapSnapshot();
        inside.MapUsageIngest();
        app.MapStatusPage();
    }
}
