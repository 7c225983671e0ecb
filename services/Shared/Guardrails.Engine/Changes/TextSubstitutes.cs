using System.Globalization;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>
/// Stand-ins of one conversation, in memory. Whoever keeps them longer stores <see cref="Pseudonyms"/> and hands them to the next one. Safe for use by many threads.
/// </summary>
public sealed class TextSubstitutes : ITextSubstitutes
{
    /// <summary>Most pseudonyms of one conversation. Further texts are redacted: what is not remembered could not be put back.</summary>
    public const int MostPseudonyms = 100_000;

    private readonly Lock _lock = new();
    private readonly ReadOnlyMemory<byte> _key;
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Original, bool Realistic), string> _pseudonyms = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>An empty conversation.</summary>
    /// <param name="key">The tenant's secret: hashes and made-up values depend on it.</param>
    public TextSubstitutes(ReadOnlyMemory<byte> key) => _key = key;

    /// <summary>How many pseudonyms there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _originals.Count;
            }
        }
    }

    /// <inheritdoc />
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

    /// <summary>Takes up what was remembered of the conversation.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="original">The text.</param>
    /// <param name="pseudonym">What stands for it.</param>
    /// <param name="realistic">Whether that is a made-up value.</param>
    public void Remember(string kind, string original, string pseudonym, bool realistic)
    {
        lock (_lock)
        {
            _originals[pseudonym] = original;
            _pseudonyms[(kind, original, realistic)] = pseudonym;

            // Numbers go on after the highest that was given out.
            if (!realistic && pseudonym.LastIndexOf('_') is > 0 and var at && int.TryParse(pseudonym.AsSpan(at + 1).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _numbers[kind] = Math.Max(_numbers.GetValueOrDefault(kind), number);
            }
        }
    }

    /// <inheritdoc />
    public string Hash(string kind, string original) => $"[{kind.ToUpperInvariant()}:{KeyedHash.Of(_key.Span, kind, original)}]";

    /// <inheritdoc />
    public string Pseudonym(string kind, string original, bool realistic)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(original);
        lock (_lock)
        {
            if (_pseudonyms.TryGetValue((kind, original, realistic), out var known))
            {
                return known;
            }

            if (_originals.Count >= MostPseudonyms)
            {
                return $"[{kind.ToUpperInvariant()}]";
            }

            var made = realistic ? Realistic(kind, original) : Numbered(kind);
            _originals[made] = original;
            _pseudonyms[(kind, original, realistic)] = made;
            return made;
        }
    }

    private string Numbered(string kind)
    {
        while (true)
        {
            var number = _numbers[kind] = _numbers.GetValueOrDefault(kind) + 1;
            var made = string.Create(CultureInfo.InvariantCulture, $"[{kind.ToUpperInvariant()}_{number}]");
            if (!_originals.ContainsKey(made))
            {
                return made;
            }
        }
    }

    private string Realistic(string kind, string original)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var made = RealisticValues.Make(kind, original, new Draws(_key.Span, kind, original, attempt));
            if (made.Length > 2 && !string.Equals(made, original, StringComparison.OrdinalIgnoreCase) && !_originals.ContainsKey(made))
            {
                return made;
            }
        }

        // There are only so many made-up values of a short kind.
        return Numbered(kind);
    }
}
