using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Topics;

/// <summary>
/// Finds the names of a rule as whole words, also with possessive and plural endings and in look-alike letters. Written as in the rule a name is surer than in another case; with
/// <c>context</c> one of its words has to stand near, for names that are also ordinary words.
/// </summary>
public sealed class CompetitorsDetector : IDetector
{
    private const int Near = 120;
    private const double AsWritten = 0.95;
    private const double OtherCase = 0.7;
    private const double WithoutContext = 0.3;
    private readonly PhraseTree _names = new();
    private readonly PhraseTree? _context;
    private readonly int _longest;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _asWritten;

    private CompetitorsDetector(IReadOnlyList<string> names, IReadOnlyList<string> context)
    {
        foreach (var name in names)
        {
            _names.Add(name, 1);
            Inflections.Add(_names, name);
        }

        _asWritten = new HashSet<string>(names.Select(static n => n.Trim()), StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        if (context.Count > 0)
        {
            _context = new PhraseTree();
            foreach (var word in context)
            {
                _context.Add(word, 1);
            }
        }

        // Between the words of a name there may be more than one space, and letters may be followed by what nobody sees.
        _longest = Math.Max(1, _names.Longest * 2) + 8;
    }

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "competitors",
        Summary = "Names of a list as whole words with their endings; with context, only near one of its words.",
        Members = DetectorMembers.Terms | DetectorMembers.Context | DetectorMembers.Allow | DetectorMembers.MinScore,
        Required = DetectorMembers.Terms,
        MinScore = 0.5,
        Create = static settings =>
        {
            for (var i = 0; i < settings.Rule.Terms.Count; i++)
            {
                if (!settings.Rule.Terms[i].Any(char.IsLetterOrDigit))
                {
                    settings.Problem($"terms[{i}]", "It has neither letters nor digits.");
                    return null;
                }
            }

            return new CompetitorsDetector(settings.Rule.Terms, settings.Rule.Context);
        },
    };

    /// <inheritdoc />
    public string Name => "competitors";

    /// <inheritdoc />
    public int Lookbehind => (_context is null ? 1 : Near) + 1;

    /// <inheritdoc />
    public int Window => _longest + (_context is null ? 2 : Near);

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var settled = text.IsComplete ? text.Text.Length : Math.Max(text.From, text.Text.Length - Window);
        if (settled <= text.From)
        {
            return text.From;
        }

        var begin = Math.Max(0, text.From - Lookbehind);
        using var folded = TextFolder.Fold(text.Text[begin..]);
        for (var i = 0; i < folded.Length && !findings.IsFull; i++)
        {
            var start = begin + folded.Origin(i);
            if (start < text.From || start >= settled || (i > 0 && CharClass.IsWord(folded.Text[i - 1]) && (CharClass.Table[folded.Text[i]] & CharClass.Anywhere) == 0))
            {
                continue;
            }

            if (_names.Match(folded.Text, i, out var foldedEnd) == 0)
            {
                continue;
            }

            var end = begin + folded.Origin(foldedEnd);
            if (end - start > _longest)
            {
                continue;
            }

            findings.Add(start, end - start, "competitor", Score(text.Text, folded, begin, i, end));
            i = foldedEnd - 1;
            settled = Math.Max(settled, Math.Min(end, text.Text.Length));
        }

        return settled;
    }

    private double Score(ReadOnlySpan<char> text, FoldedText folded, int begin, int at, int end)
    {
        var start = begin + folded.Origin(at);
        if (_context is not null && !HasContext(folded, begin, at, start - Near, Math.Min(text.Length, start + _longest + Near - 1)))
        {
            return WithoutContext;
        }

        var written = text[start..end].TrimEnd(" .,;:!?");
        return _asWritten.Contains(written) || (written.EndsWith("'s") && _asWritten.Contains(written[..^2])) || (written.EndsWith("s") && _asWritten.Contains(written[..^1])) ? AsWritten : OtherCase;
    }

    private bool HasContext(FoldedText folded, int begin, int at, int from, int until)
    {
        while (at > 0 && begin + folded.Origin(at - 1) >= from)
        {
            at--;
        }

        for (var i = at; i < folded.Length; i++)
        {
            if (begin + folded.Origin(i) >= until)
            {
                return false;
            }

            if ((i == 0 || !CharClass.IsWord(folded.Text[i - 1])) && _context!.Match(folded.Text, i, out var end) != 0 && begin + folded.Origin(end) <= until)
            {
                return true;
            }
        }

        return false;
    }
}
