using System.Diagnostics.Metrics;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Guarding.Remote;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Client;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Edge.Guarding;

/// <summary>Registers what guardrails need.</summary>
internal static class GuardingServices
{
    private static readonly Counter<long> _serviceChecks = new Meter("Gateway.Edge").CreateCounter<long>(
        "gateway.guardrails.service.checks", "{check}", "Checks asked of the guardrail service, by whether it gave a verdict; without one they are made in this process.");

    public static void AddGuarding(this IServiceCollection services)
    {
        services.AddSingleton<IVaultStore>(VaultStores.Create);
        services.AddSingleton<Pseudonyms>();
        services.AddSingleton<RemoteCalls>();
        services.AddSingleton<SideQuestion>();
        services.AddSingleton<JudgeRule>();
        services.AddSingleton(static _ => new DeepInjection());
        services.AddSingleton<RemoteRules>();
        services.AddSingleton(static s => new GuardRunner(s.GetRequiredService<RemoteRules>(), s.GetRequiredService<TimeProvider>(), s.GetService<GuardService>()));
        services.AddSingleton<InputGuard>();
        services.AddSingleton<ToolGuard>();
        services.AddSingleton<PassedAnswers>();
        services.AddSingleton<RuleEndpoint>();
    }

    /// <summary>Has policies checked by the guardrail service, which has to be known as an HTTP service.</summary>
    public static void AddGuardService(this IServiceCollection services) => services.AddSingleton(static s => new GuardService(
        s.GetRequiredService<IServiceClients>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<GuardService>>(), _serviceChecks));
}
