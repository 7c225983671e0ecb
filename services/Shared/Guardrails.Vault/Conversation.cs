using Gateway.Guardrails.Engine.Changes;

namespace Gateway.Guardrails.Vault;

/// <summary>The pseudonyms of one conversation as one request sees them: the engine makes them, the vault keeps them sealed. For one request; checks of it may run at once.</summary>
internal sealed class Conversation : ITextSubstitutes
{
    /// <summary>Most pseudonyms of a conversation; what comes then is redacted, and not put back.</summary>
    public const int Most = 5_000;

    private readonly VaultKeys _keys;
    private readonly string _tenant;
    private readonly TextSubstitutes _known;

    public Conversation(VaultKeys keys, string tenant, string id, IEnumerable<KeyValuePair<string, byte[]>> entries)
    {
        (_keys, _tenant, Id) = (keys, tenant, id);
        _known = new TextSubstitutes(keys.Making(tenant, id), Most);
        foreach (var (pseudonym, box) in entries)
        {
            // What does not open was not kept for this tenant.
            if (keys.Open(tenant, id, pseudonym, box) is { } content && content.Split('\n', 3) is [var kind, var form, var original])
            {
                _known.Remember(kind, original, pseudonym, form == "r");
            }
        }
    }

    /// <summary>Whose it is.</summary>
    public string Tenant => _tenant;

    /// <summary>Id in the vault.</summary>
    public string Id { get; }

    public IReadOnlyCollection<KeyValuePair<string, string>> Pseudonyms => _known.Pseudonyms;

    /// <summary>What this request added, sealed.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>> New =>
        [.. _known.Made.Select(p => KeyValuePair.Create(p.Text, _keys.Seal(_tenant, Id, p.Text, $"{p.Kind}\n{(p.Realistic ? "r" : "n")}\n{p.Original}")))];

    // The same in every conversation of the tenant, unlike made-up values.
    public string Hash(string kind, string original) => $"[{kind.ToUpperInvariant()}:{_keys.Hash(_tenant, kind, original)}]";

    public string Pseudonym(string kind, string original, bool realistic) => _known.Pseudonym(kind, original, realistic);

    /// <inheritdoc cref="TextSubstitutes.TakeOut"/>
    public string TakeOut(string text) => _known.TakeOut(text);
}
