using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>
/// Finds terms wherever they occur, inside words too, without regard to case in any script. One pass over the text
/// whatever the number of terms (Aho-Corasick); of the terms that end at one place the longest is reported.
/// </summary>
public sealed class BlockedTermsDetector : IDetector
{
    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "blocked_terms",
        Summary = "Terms wherever they occur, inside words too, in any case.",
        Members = DetectorMembers.Terms | DetectorMembers.Allow,
        Required = DetectorMembers.Terms,
        Create = static settings => new BlockedTermsDetector(settings.Rule.Terms),
    };

    private readonly TermAutomaton _automaton;

    /// <summary>Prepares the terms, in time linear in their length together.</summary>
    /// <param name="terms">The terms; empty ones are passed over.</param>
    public BlockedTermsDetector(IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        List<string> folded = [.. terms.Where(static t => t.Length > 0).Select(CaseFold.Fold)];
        _automaton = new TermAutomaton(folded.Select(static t => (t, 0)));
        Window = folded.Select(static t => t.Length).DefaultIfEmpty(0).Max() + 1;
    }

    /// <inheritdoc />
    public string Name => "blocked_terms";

    /// <inheritdoc />
    public int Lookbehind => 1;

    /// <inheritdoc />
    public int Window { get; }

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        using var folded = new FoldedText(text);
        var visitor = new Longest(findings);
        var settled = _automaton.Search(folded.Text, text.From, ref visitor);
        return text.IsComplete ? text.Text.Length : settled;
    }

    private readonly struct Longest(FindingSink findings) : ITermVisitor
    {
        public bool Visit(TermAutomaton automaton, int state, int end)
        {
            var length = automaton.LengthOf(state);
            findings.Add(end - length, length, "term");
            return !findings.IsFull;
        }
    }
}
