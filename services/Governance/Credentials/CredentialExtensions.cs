using Gateway.Governance.Idempotency;

namespace Gateway.Governance.Credentials;

/// <summary>Registers the key ring and what is sealed by it.</summary>
internal static class CredentialExtensions
{
    public static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddSingleton<KeyRing>().AddSingleton<EntrySeals>().AddSingleton<KeyRotation>().AddHostedService<KeyRotationService>();
        services.AddSingleton<ISealedThings, SealedEntries>().AddSingleton<ISealedThings, SealedHistory>();
        return services.AddSingleton<ISealedThings>(s => s.GetRequiredService<IdempotentAnswers>());
    }
}
