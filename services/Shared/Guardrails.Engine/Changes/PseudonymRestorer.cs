using System.Collections.Frozen;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>The pseudonyms of a conversation, ready to be put back: build it once per answer and use it for all its texts, from any thread.</summary>
public sealed class PseudonymRestorer
{
    private readonly FrozenDictionary<string, string> _originals;
    private readonly Dictionary<(int State, char Next), int> _moves = [];
    private readonly List<string?> _ends = [null];

    /// <summary>A restorer.</summary>
    /// <param name="pseudonyms">Pseudonyms with what they stand for; empty pseudonyms are passed over.</param>
    public PseudonymRestorer(IEnumerable<KeyValuePair<string, string>> pseudonyms)
    {
        ArgumentNullException.ThrowIfNull(pseudonyms);
        _originals = pseudonyms.Where(static p => p.Key.Length > 0).ToFrozenDictionary(StringComparer.Ordinal);
        foreach (var pseudonym in _originals.Keys)
        {
            var state = 0;
            foreach (var c in pseudonym)
            {
                if (!_moves.TryGetValue((state, c), out var next))
                {
                    next = _ends.Count;
                    _ends.Add(null);
                    _moves.Add((state, c), next);
                }

                state = next;
            }

            _ends[state] = pseudonym;
            Longest = Math.Max(Longest, pseudonym.Length);
        }
    }

    /// <summary>Whether there is nothing to put back.</summary>
    public bool IsEmpty => _originals.Count == 0;

    /// <summary>How many pseudonyms there are.</summary>
    public int Count => _originals.Count;

    /// <summary>Length of the longest pseudonym: a stream keeps back at most one character more.</summary>
    public int Longest { get; }

    /// <summary>Puts back what stands in a whole text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isJson">True for JSON as on the wire: what is put back is escaped, and escapes in it are understood.</param>
    public string Restore(string text, bool isJson = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsEmpty)
        {
            return text;
        }

        var stream = new RestoringStream(this, isJson);
        return string.Concat(stream.Push(text), stream.Complete());
    }

    internal string OriginalOf(string pseudonym) => _originals[pseudonym];

    internal int Move(int state, char next) => _moves.GetValueOrDefault((state, next), -1);

    internal string? EndOf(int state) => _ends[state];
}
