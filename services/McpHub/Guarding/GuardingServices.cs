using Gateway.Contracts;
using Gateway.Guardrails.Client;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.Guarding;

/// <summary>Registers what guardrails need in the hub.</summary>
internal static class GuardingServices
{
    public static void AddHubGuards(this IServiceCollection services)
    {
        services.AddServiceHttpClient(WireNames.Edge);
        services.AddServiceHttpClient(WireNames.Guardrails);
        services.AddPseudonymSessions("hub");
        services.AddSingleton(static _ => new DeepInjection()).AddSingleton<GuardMetrics>().AddSingleton<EdgeRules>().AddSingleton<SessionPseudonyms>().AddSingleton<CallGuard>();
        services.AddSingleton(static s => new PolicyRunner(s.GetRequiredService<DeepInjection>(), s.GetRequiredService<EdgeRules>(), s.GetRequiredService<TimeProvider>(), ServiceOf(s)));
    }

    // Without an address there is none, and nothing is asked in vain.
    private static GuardService? ServiceOf(IServiceProvider services) => !services.GetRequiredService<IServiceAddresses>().TryResolve(WireNames.Guardrails, out _)
        ? null
        : new GuardService(services.GetRequiredService<IServiceClients>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<GuardService>>(), services.GetRequiredService<GuardMetrics>().ServiceChecks);
}
