using Gateway.Guardrails.Engine.Changes;

namespace Gateway.Guardrails.Vault;

/// <summary>The pseudonyms of one conversation as one request sees them. For one request; checks of it may run at once.</summary>
internal sealed class Conversation : ITextSubstitutes
{
    /// <summary>Most pseudonyms of a conversation; what comes then is redacted, and not put back.</summary>
    public const int Most = 5_000;

    private readonly VaultKeys _keys;
    private readonly string _tenant;
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Original, bool Realistic), string> _pseudonyms = [];
    private readonly Dictionary<string, string> _byOriginal = new(StringComparer.Ordinal);
    private readonly HashSet<string> _new = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public Conversation(VaultKeys keys, string tenant, string id, IEnumerable<KeyValuePair<string, byte[]>> entries)
    {
        (_keys, _tenant, Id) = (keys, tenant, id);
        foreach (var (pseudonym, box) in entries)
        {
            // What does not open was not kept for this tenant.
            if (keys.Open(tenant, id, pseudonym, box) is { } content && content.Split('\n', 3) is [var kind, var form, var original])
            {
                Know(kind, original, form == "r", pseudonym);
            }
        }
    }

    /// <summary>Whose it is.</summary>
    public string Tenant => _tenant;

    /// <summary>Id in the vault.</summary>
    public string Id { get; }

    public IReadOnlyCollection<KeyValuePair<string, string>> Pseudonyms
    {
        get
        {
            lock (_lock)
            {
                return [.. _originals];
            }
        }
    }

    /// <summary>What this request added, sealed.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>> New
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    .. _pseudonyms.Where(p => _new.Contains(p.Value))
                        .Select(p => KeyValuePair.Create(p.Value, _keys.Seal(_tenant, Id, p.Value, $"{p.Key.Kind}\n{(p.Key.Realistic ? "r" : "n")}\n{p.Key.Original}"))),
                ];
            }
        }
    }

    public string Hash(string kind, string original) => $"[{kind.ToUpperInvariant()}:{_keys.Hash(_tenant, kind, original)}]";

    public string Pseudonym(string kind, string original, bool realistic)
    {
        lock (_lock)
        {
            if (_pseudonyms.TryGetValue((kind, original, realistic), out var known))
            {
                return known;
            }

            if (_originals.Count >= Most)
            {
                return $"[{kind.ToUpperInvariant()}]";
            }

            // A text that is itself a pseudonym, come back with an answer that was not restored, stays what it is.
            if (_originals.ContainsKey(original))
            {
                return original;
            }

            const int attempts = 50;
            var form = realistic;
            for (var number = 1; ; number++)
            {
                var made = form && number <= attempts ? RealisticNames.Make(kind, original, number + _originals.Count, $"{_tenant}\n{Id}") : form ? null : $"[{kind.ToUpperInvariant()}_{number}]";
                if (made is not null && !_originals.ContainsKey(made) && !_byOriginal.ContainsKey(made))
                {
                    Know(kind, original, realistic, made);
                    _new.Add(made);
                    return made;
                }

                if (made is null)
                {
                    // Nothing can be made up for it, or nothing more: it gets a number.
                    (form, number) = (false, 0);
                }
            }
        }
    }

    /// <summary>A text with the originals that were put back into it taken out again, as it was when it was sent.</summary>
    public string TakeOut(string text)
    {
        lock (_lock)
        {
            foreach (var (original, pseudonym) in _byOriginal.OrderByDescending(static o => o.Key.Length))
            {
                text = text.Replace(original, pseudonym, StringComparison.Ordinal);
            }

            return text;
        }
    }

    private void Know(string kind, string original, bool realistic, string pseudonym)
    {
        _originals[pseudonym] = original;
        _pseudonyms[(kind, original, realistic)] = pseudonym;
        _byOriginal[original] = pseudonym;
    }
}
