using Gateway.CloudAuth;
using Gateway.Governance.Outbound;
using Gateway.Governance.Secrets.Stores;

namespace Gateway.Governance.Secrets;

/// <summary>Registers what reads referenced secrets.</summary>
internal static class SecretsExtensions
{
    public static IServiceCollection AddSecretReferences(this IServiceCollection services)
    {
        services.AddSingleton(static _ => new TokenHttp(OutboundClients.Invoker(allowMetadata: false), OutboundClients.Invoker(allowMetadata: true)));

        // Through configuration, which holds the environment.
        services.AddSingleton(static s => new AuthContext(s.GetRequiredService<TokenHttp>(), s.GetRequiredService<TimeProvider>(), name => s.GetRequiredService<IConfiguration>()[name]));
        services.AddSingleton<EnvironmentSecrets>().AddSingleton<FileSecrets>().AddSingleton<VaultTokens>();
        services.AddSingleton<ISecretStore>(static s => s.GetRequiredService<EnvironmentSecrets>()).AddSingleton<ISecretStore>(static s => s.GetRequiredService<FileSecrets>());
        services.AddSingleton<ISecretStore, KeyVaultSecrets>().AddSingleton<ISecretStore, AwsSecrets>().AddSingleton<ISecretStore, VaultSecrets>();
        return services.AddSingleton<SecretStores>().AddSingleton<SecretBook>().AddHostedService<SecretRefresher>();
    }
}
