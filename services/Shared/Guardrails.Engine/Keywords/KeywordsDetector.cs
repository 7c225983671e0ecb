using Gateway.Guardrails.Engine.BlockedTerms;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Keywords;

/// <summary>
/// Finds words and phrases in any case, as whole words. A star at the beginning or the end of a term leaves that end open: <c>pay*</c> finds the beginning of «payment». Of the terms that end
/// at one place the longest is reported.
/// </summary>
public sealed class KeywordsDetector : IDetector
{
    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "keywords",
        Summary = "Words and phrases as whole words, in any case; a star at either end leaves it open.",
        Members = DetectorMembers.Terms | DetectorMembers.Allow,
        Required = DetectorMembers.Terms,
        Create = static settings =>
        {
            for (var i = 0; i < settings.Rule.Terms.Count; i++)
            {
                if (settings.Rule.Terms[i].Trim('*').Length == 0)
                {
                    settings.Problem($"terms[{i}]", "It has nothing but stars.");
                    return null;
                }
            }

            return new KeywordsDetector(settings.Rule.Terms);
        },
    };

    // As marks, inverted: of equal terms the more open one counts, and marks of equal terms are put together.
    private const int OpenLeft = 1;
    private const int OpenRight = 2;

    private readonly TermAutomaton _automaton;
    private readonly string _kind;

    /// <summary>Prepares the terms.</summary>
    /// <param name="terms">The terms.</param>
    public KeywordsDetector(IEnumerable<string> terms)
        : this("keywords", "term", terms)
    {
    }

    internal KeywordsDetector(string name, string kind, IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Name = name;
        _kind = kind;
        List<(string Term, int Mark)> folded = [.. terms.Select(static t => (CaseFold.Fold(t.Trim('*')), (t[0] == '*' ? OpenLeft : 0) | (t[^1] == '*' ? OpenRight : 0)))];
        _automaton = new TermAutomaton(folded);
        Window = folded.Select(static t => t.Term.Length).DefaultIfEmpty(0).Max() + 1;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public int Lookbehind => 1;

    /// <inheritdoc />
    public int Window { get; }

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        using var folded = new FoldedText(text);
        var visitor = new WholeWords(findings, folded.Text, text.IsComplete, _kind);
        var settled = _automaton.Search(folded.Text, text.From, ref visitor);
        return text.IsComplete ? text.Text.Length : Math.Min(settled, visitor.Undecided);
    }

    private ref struct WholeWords(FindingSink findings, ReadOnlySpan<char> text, bool isComplete, string kind) : ITermVisitor
    {
        private readonly ReadOnlySpan<char> _text = text;

        /// <summary>Where something begins that ends with the text, so that it may still turn out to be part of a longer word.</summary>
        public int Undecided { get; private set; } = int.MaxValue;

        public bool Visit(TermAutomaton automaton, int state, int end)
        {
            for (; state != 0; state = automaton.ShorterThan(state))
            {
                var start = end - automaton.LengthOf(state);
                var mark = automaton.MarkOf(state);
                if ((mark & OpenLeft) == 0 && start > 0 && IsWord(_text[start]) && IsWord(_text[start - 1]))
                {
                    continue;
                }

                if ((mark & OpenRight) == 0 && IsWord(_text[end - 1]))
                {
                    if (end == _text.Length && !isComplete)
                    {
                        Undecided = Math.Min(Undecided, start);
                        continue;
                    }

                    if (end < _text.Length && IsWord(_text[end]))
                    {
                        continue;
                    }
                }

                findings.Add(start, end - start, kind);
                break;
            }

            return !findings.IsFull;
        }

        private static bool IsWord(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c) || c == '_';
    }
}
