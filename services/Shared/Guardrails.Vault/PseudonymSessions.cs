using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts;
using Gateway.Guardrails.Engine.Changes;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Guardrails.Vault;

/// <summary>
/// Pseudonyms of conversations for services that run policies themselves: encrypted for one tenant and one conversation, kept for a day after the last use, shared through Redis where the service
/// has it (<c>AddGatewayRedis</c>), through the guardrail service where it is known, else in this process. Safe for use by many threads.
/// </summary>
public sealed class PseudonymSessions
{
    private const int Attempts = 5;

    private readonly VaultKeys _keys;
    private readonly IVaultStore _store;

    internal PseudonymSessions(VaultKeys keys, IVaultStore store) => (_keys, _store) = (keys, store);

    /// <summary>Does work that may give out pseudonyms, and keeps those it gave out. When another one of the conversation gave out the same meanwhile, it is done anew.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="tenant">Whose texts they are; nothing of one tenant's can be opened for another.</param>
    /// <param name="conversation">What texts belong together, such as a session.</param>
    /// <param name="work">The work; its argument also puts back what was given out earlier.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it; done is false when what was given out could not be kept, and then it must not be used.</returns>
    public async ValueTask<(bool Done, T Result)> UseAsync<T>(string tenant, string conversation, Func<ITextSubstitutes, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var id = _keys.ConversationId(tenant, conversation);
        for (var attempt = 1; ; attempt++)
        {
            var session = new Conversation(_keys, tenant, id, await _store.LoadAsync(id, cancellationToken).ConfigureAwait(false));
            var result = await work(session).ConfigureAwait(false);
            var added = session.New;
            if (added.Count == 0 || await _store.TryAddAsync(id, added, cancellationToken).ConfigureAwait(false))
            {
                return (true, result);
            }

            if (attempt == Attempts)
            {
                return (false, result);
            }
        }
    }

    /// <summary>What was kept under a conversation.</summary>
    /// <param name="tenant">Whose texts they are.</param>
    /// <param name="conversation">What texts belong together.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<IReadOnlyCollection<KeyValuePair<string, string>>> LoadAsync(string tenant, string conversation, CancellationToken cancellationToken)
    {
        var id = _keys.ConversationId(tenant, conversation);
        return new Conversation(_keys, tenant, id, await _store.LoadAsync(id, cancellationToken).ConfigureAwait(false)).Pseudonyms;
    }

    /// <summary>Keeps pseudonyms under a conversation in which none are given out: those of another one that are of interest.</summary>
    /// <param name="tenant">Whose texts they are.</param>
    /// <param name="conversation">What texts belong together.</param>
    /// <param name="pseudonyms">The pseudonyms with what they stand for; those that are kept already stay as they are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when they could not be kept.</returns>
    public async ValueTask<bool> KeepAsync(string tenant, string conversation, IReadOnlyCollection<KeyValuePair<string, string>> pseudonyms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pseudonyms);
        if (pseudonyms.Count == 0)
        {
            return true;
        }

        var id = _keys.ConversationId(tenant, conversation);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var known = (await _store.LoadAsync(id, cancellationToken).ConfigureAwait(false)).Select(static e => e.Key).ToHashSet(StringComparer.Ordinal);
            KeyValuePair<string, byte[]>[] added =
            [
                .. pseudonyms.Where(p => !known.Contains(p.Key)).Take(Math.Max(0, Conversation.Most - known.Count)).Select(p => KeyValuePair.Create(p.Key, _keys.Seal(tenant, id, p.Key, $"\nn\n{p.Value}"))),
            ];
            if (added.Length == 0 || await _store.TryAddAsync(id, added, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Registers <see cref="PseudonymSessions"/>.</summary>
public static class PseudonymSessionExtensions
{
    /// <summary>Adds the sessions of a service, under a key of its own made from the internal token.</summary>
    /// <param name="services">The services.</param>
    /// <param name="purpose">Which service: those of another purpose cannot open what this one keeps.</param>
    public static IServiceCollection AddPseudonymSessions(this IServiceCollection services, string purpose)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(s =>
        {
            var secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(s.GetRequiredService<InternalToken>().Value), 32, salt: null, Encoding.UTF8.GetBytes($"gateway {purpose} vault"));
            return new PseudonymSessions(new VaultKeys(secret), VaultStores.CreateWithService(s));
        });
    }
}

/// <summary>Where pseudonyms are kept.</summary>
internal static class VaultStores
{
    /// <summary>Redis with the process's own memory behind it, where the service has Redis; else memory.</summary>
    public static IVaultStore Create(IServiceProvider services) => Create(services, services.GetService<IRedisStore>() is { } redis ? new RedisVault(redis) : null);

    /// <summary>The same with the guardrail service in the place of Redis, where the service has no Redis and knows the guardrail service.</summary>
    public static IVaultStore CreateWithService(IServiceProvider services) => Create(
        services,
        services.GetService<IRedisStore>() is { } redis ? new RedisVault(redis)
        : services.GetService<IServiceAddresses>()?.TryResolve(WireNames.Guardrails, out _) == true ? new ServiceVault(services.GetRequiredService<IServiceClients>())
        : null);

    private static IVaultStore Create(IServiceProvider services, IVaultStore? shared)
    {
        var own = new MemoryVault(services.GetRequiredService<TimeProvider>());
        return shared is null ? own : new SharedVault(shared, own, services.GetRequiredService<ILogger<SharedVault>>());
    }
}
