namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>
/// Phrases as one tree of characters, each with the bits it stands for. A star ends a stem; a space stands for any gap between words. A walk from each place where a word begins
/// finds every phrase there; it ends after at most the longest phrase, so the time is linear in the text.
/// </summary>
internal sealed class PhraseTree
{
    // A star in a phrase that goes on after it: the rest of the word is anything.
    internal const char AnyEnding = '*';

    private readonly List<(string Text, bool IsStem, ulong Bits)> _phrases = [];
    private PhraseWalk? _walk;

    /// <summary>Most characters of a phrase that was added.</summary>
    public int Longest { get; private set; }

    /// <summary>Every phrase that begins at a place.</summary>
    /// <param name="text">Folded text.</param>
    /// <param name="at">Where phrases are to begin.</param>
    /// <param name="end">Where the longest phrase found ends; <paramref name="at"/> when there is none.</param>
    /// <returns>The bits of all that was found.</returns>
    public ulong Match(ReadOnlySpan<char> text, int at, out int end) => Walk.Match(text, at, out end);

    /// <summary>What walks the tree as it is now.</summary>
    public PhraseWalk Walk => _walk ??= new PhraseWalk(_phrases);

    /// <summary>Adds a phrase.</summary>
    public void Add(string phrase, ulong bits)
    {
        using var folded = TextFolder.Fold(phrase.Trim());
        var text = folded.Text;
        Longest = Math.Max(Longest, text.Length);
        _walk = null;

        // Any gap is a space in the tree, and a hyphen within a phrase is a gap.
        Span<char> plain = new char[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            plain[i] = text[i] is '-' or '_' && i > 0 ? ' ' : text[i];
        }

        var isStem = plain.Length > 1 && plain[^1] == AnyEnding;
        if (plain.Length > 0)
        {
            _phrases.Add((new string(isStem ? plain[..^1] : plain), isStem, bits));
        }
    }
}
