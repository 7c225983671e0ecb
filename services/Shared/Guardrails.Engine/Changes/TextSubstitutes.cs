using System.Globalization;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>A stand-in that was given out.</summary>
/// <param name="Kind">What the original is.</param>
/// <param name="Original">The text that it stands for.</param>
/// <param name="Realistic">Whether a made-up value was asked for.</param>
/// <param name="Text">The stand-in.</param>
public sealed record MadePseudonym(string Kind, string Original, bool Realistic, string Text);

/// <summary>
/// Stand-ins of one conversation, in memory: the one place where they are made. Whoever keeps them longer stores <see cref="Made"/> and hands them to the next one with
/// <see cref="Remember"/>. Safe for use by many threads.
/// </summary>
public sealed class TextSubstitutes : ITextSubstitutes
{
    /// <summary>Most pseudonyms of one conversation, unless set otherwise. Further texts are redacted: what is not remembered could not be put back.</summary>
    public const int MostPseudonyms = 100_000;

    private const int Attempts = 20;

    private readonly Lock _lock = new();
    private readonly ReadOnlyMemory<byte> _key;
    private readonly int _most;
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, string Original, bool Realistic), string> _pseudonyms = [];
    private readonly Dictionary<string, string> _byOriginal = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, bool Realistic), int> _numbers = [];
    private readonly List<MadePseudonym> _made = [];

    /// <summary>An empty conversation.</summary>
    /// <param name="key">The tenant's secret: hashes and made-up values depend on it.</param>
    /// <param name="most">Most pseudonyms; further texts are redacted.</param>
    public TextSubstitutes(ReadOnlyMemory<byte> key, int most = MostPseudonyms) => (_key, _most) = (key, most);

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

    /// <summary>What was given out anew, in order, without what was remembered.</summary>
    public IReadOnlyList<MadePseudonym> Made
    {
        get
        {
            lock (_lock)
            {
                return [.. _made];
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
        ArgumentNullException.ThrowIfNull(pseudonym);
        lock (_lock)
        {
            Know(kind, original, realistic, pseudonym);

            // Numbers go on after the highest that was given out; made-up values after as many as there are.
            if (pseudonym.StartsWith('[') && pseudonym.LastIndexOf('_') is > 0 and var at && int.TryParse(pseudonym.AsSpan(at + 1).TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _numbers[(kind, false)] = Math.Max(_numbers.GetValueOrDefault((kind, false)), number);
            }
            else
            {
                Next(kind, realistic: true);
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

            // A text that is itself a pseudonym, come back with an answer that was not restored, stays what it is.
            if (_originals.ContainsKey(original))
            {
                return original;
            }

            if (_originals.Count >= _most)
            {
                return $"[{kind.ToUpperInvariant()}]";
            }

            var made = (realistic ? Realistic(kind, original) : null) ?? Numbered(kind);
            Know(kind, original, realistic, made);
            _made.Add(new MadePseudonym(kind, original, realistic, made));
            return made;
        }
    }

    /// <summary>A text with the originals that were put back into it taken out again, as it was when it was sent.</summary>
    /// <param name="text">The text.</param>
    public string TakeOut(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
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

    // A counter for each kind: to try every number from 1 on would take time with the square of how many there are.
    private int Next(string kind, bool realistic) => _numbers[(kind, realistic)] = _numbers.GetValueOrDefault((kind, realistic)) + 1;

    private bool IsFree(string made) => !_originals.ContainsKey(made) && !_byOriginal.ContainsKey(made);

    private string Numbered(string kind)
    {
        while (true)
        {
            var made = string.Create(CultureInfo.InvariantCulture, $"[{kind.ToUpperInvariant()}_{Next(kind, realistic: false)}]");
            if (IsFree(made))
            {
                return made;
            }
        }
    }

    // Null: nothing can be made up for it, or nothing more.
    private string? Realistic(string kind, string original)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (RealisticValues.Make(kind, original, Next(kind, realistic: true), new Draws(_key.Span, kind, original, attempt)) is not { } made)
            {
                return null;
            }

            if (!string.Equals(made, original, StringComparison.OrdinalIgnoreCase) && IsFree(made))
            {
                return made;
            }
        }

        return null;
    }
}
