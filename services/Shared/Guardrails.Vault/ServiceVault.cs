using System.Net.Http.Json;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Guardrails.Vault;

/// <summary>The vault that replicas share through the guardrail service. It sees pseudonyms and sealed bytes, and has no key to them.</summary>
internal sealed class ServiceVault(IServiceClients clients) : IVaultStore
{
    public async ValueTask<IReadOnlyCollection<KeyValuePair<string, byte[]>>> LoadAsync(string conversation, CancellationToken cancellationToken)
    {
        using var response = await clients.Get(WireNames.Guardrails)
            .PostAsJsonAsync("/v1/vault/load", new GuardVaultQuery { Conversation = conversation }, ContractsJson.Default.GuardVaultQuery, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var kept = await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardVaultEntries, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("No entries came.");
        return [.. kept.Entries.Select(static e => KeyValuePair.Create(e.Name, e.Box.ToArray()))];
    }

    public async ValueTask<bool> TryAddAsync(string conversation, IReadOnlyCollection<KeyValuePair<string, byte[]>> entries, CancellationToken cancellationToken)
    {
        var added = new GuardVaultEntries { Conversation = conversation, Entries = [.. entries.Select(static e => new GuardVaultEntry(e.Key, e.Value))] };
        using var response = await clients.Get(WireNames.Guardrails).PostAsJsonAsync("/v1/vault/add", added, ContractsJson.Default.GuardVaultEntries, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardVaultAnswer, cancellationToken).ConfigureAwait(false) ?? throw new JsonException("No answer came.");
        return answer.Added;
    }
}
