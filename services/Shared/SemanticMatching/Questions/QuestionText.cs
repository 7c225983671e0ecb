using System.Globalization;
using System.Text;

namespace Gateway.SemanticMatching.Questions;

/// <summary>A text read once, for comparing it with others. Immutable; made in some microseconds, so that it need not be stored.</summary>
public sealed class QuestionText
{
    /// <summary>Characters that are read; a longer text is compared by its beginning.</summary>
    public const int MaxLength = 4096;

    private QuestionText(string normalized, IReadOnlyList<Word> words)
    {
        Normalized = normalized;
        Words = words;
        Content = [.. words.Where(static w => w.Kind is WordKind.Content or WordKind.Number)];
        Stems = [.. Content.Select(static w => w.Stem)];
        AllStems = [.. words.Select(static w => w.Stem)];
    }

    /// <summary>The text in lower case with single spaces and without punctuation at its end: texts with the same one are the same question.</summary>
    public string Normalized { get; }

    internal IReadOnlyList<Word> Words { get; }

    internal IReadOnlyList<Word> Content { get; }

    internal HashSet<string> Stems { get; }

    internal HashSet<string> AllStems { get; }

    internal IReadOnlyList<string> Quoted { get; private init; } = [];

    internal bool HasCode { get; private init; }

    internal int Sentences { get; private init; } = 1;

    /// <summary>Reads a text.</summary>
    /// <param name="text">Any text; of a long one the first <see cref="MaxLength"/> characters count.</param>
    public static QuestionText Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var head = text.Length > MaxLength ? text.AsSpan(0, MaxLength) : text.AsSpan();
        return new QuestionText(Normalize(text), WordReader.Read(head))
        {
            Quoted = Marks.Quoted(head),
            HasCode = Marks.LooksLikeCode(head),
            Sentences = Marks.Sentences(head),
        };
    }

    /// <summary>True for a text in which case and spaces may matter: code, markup, several lines, or anything quoted.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsLiteral(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Marks.LooksLikeCode(text) || text.AsSpan().Trim().ContainsAny("\n`\"“«");
    }

    /// <summary>Hashes of the content words without their endings, each once: two questions without a common one are hardly the same.</summary>
    public IReadOnlyList<uint> WordHashes() => [.. Stems.Select(Pairs.StableHash.Of)];

    /// <summary>True where both have the same numbers, or one of them has none.</summary>
    /// <param name="other">The other text.</param>
    public bool SameNumbers(QuestionText other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (mine, others) = (Numbers(this), Numbers(other));
        return mine.Count == 0 || others.Count == 0 || mine.SetEquals(others);

        static HashSet<string> Numbers(QuestionText text) => [.. text.Words.Where(static w => w.Kind == WordKind.Number).Select(static w => w.Stem)];
    }

    /// <summary>Lower case, single spaces, no punctuation at the end; all of the text, however long.</summary>
    /// <param name="text">Any text.</param>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var builder = new StringBuilder(Math.Min(text.Length, 1 << 16));
        var space = false;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                // A joiner inside a pictogram is a format character too; dropping it never makes two different pictograms equal, a space would not either.
                space |= char.IsWhiteSpace(c) || char.IsControl(c);
                continue;
            }

            if (space && builder.Length > 0)
            {
                builder.Append(' ');
            }

            space = false;
            builder.Append(c is '’' or '‘' ? '\'' : char.ToLowerInvariant(c));
        }

        while (builder.Length > 0 && builder[^1] is '?' or '!' or '.' or ' ' or '…')
        {
            builder.Length--;
        }

        return builder.ToString();
    }
}
