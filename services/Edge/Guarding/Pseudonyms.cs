using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Pipeline;
using Gateway.Edge.StoredObjects;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Requests;
using Gateway.Guardrails.Vault;

namespace Gateway.Edge.Guarding;

/// <summary>
/// Finds the conversation that a request belongs to in its tenant's part of the vault: by the session that the request names, else by how the conversation began, which every later turn
/// of it repeats.
/// </summary>
internal sealed class Pseudonyms(VaultKeys keys, IVaultStore store)
{
    /// <summary>How often a request is tried anew because another one of the conversation gave out the same pseudonyms.</summary>
    public const int Attempts = 5;

    /// <summary>Whether any policy makes stand-ins.</summary>
    public static bool Concerns(PolicySet policies) =>
        policies.Policies.Any(static p => !p.IsShadow && p.Rules.Any(static r => r.Entry.Action is GuardrailAction.Pseudonymize or GuardrailAction.Hash));

    /// <summary>Opens the conversation of a request.</summary>
    public async ValueTask<Conversation> OpenAsync(RequestContext context, IReadOnlyList<RequestText> texts, CancellationToken cancellationToken)
    {
        var tenant = ObjectIds.Tenant(context.Key!);
        var id = keys.ConversationId(tenant, NameOf(context, texts));
        return new Conversation(keys, tenant, id, await store.LoadAsync(id, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens a conversation anew, with what was kept of it since.</summary>
    public async ValueTask<Conversation> ReopenAsync(Conversation conversation, CancellationToken cancellationToken) =>
        new(keys, conversation.Tenant, conversation.Id, await store.LoadAsync(conversation.Id, cancellationToken).ConfigureAwait(false));

    /// <summary>Keeps what a request added.</summary>
    /// <returns>False when another request of the conversation was faster, and gave out one of the same pseudonyms.</returns>
    public async ValueTask<bool> TrySaveAsync(Conversation conversation, CancellationToken cancellationToken)
    {
        var added = conversation.New;
        return added.Count == 0 || await store.TryAddAsync(conversation.Id, added, cancellationToken).ConfigureAwait(false);
    }

    private static string NameOf(RequestContext context, IReadOnlyList<RequestText> texts)
    {
        if (context.Guard?.ConversationName is { } name)
        {
            return name;
        }

        if (context.SessionId.Length > 0)
        {
            return "session\n" + context.SessionId;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            if (text.Length > 0 && text.Text.Source is GuardSource.System or GuardSource.User)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(text.Text.Text));
                hash.AppendData([0]);
                if (text.Text.Source == GuardSource.User)
                {
                    break;
                }
            }
        }

        return "texts\n" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
