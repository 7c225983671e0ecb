using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Guarding.Remote;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Vault;

namespace Gateway.Edge.Guarding;

/// <summary>Registers what guardrails need.</summary>
internal static class GuardingServices
{
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
    }
}
