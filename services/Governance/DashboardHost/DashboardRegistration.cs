using Gateway.Dashboard.Hosting;

namespace Gateway.Governance.DashboardHost;

/// <summary>Puts the dashboard into this service.</summary>
internal static class DashboardRegistration
{
    public static void AddDashboardHost(this IServiceCollection services)
        => services.AddSingleton<InProcessApi>().AddSingleton<IAdminApi>(s => s.GetRequiredService<InProcessApi>()).AddSingleton<IDashboardDoor, Door>().AddDashboard();

    /// <summary>The first middleware: what follows it is what pages call the admin API through.</summary>
    public static void UseInProcessApi(this WebApplication app) => app.Use(app.Services.GetRequiredService<InProcessApi>().Take);
}
