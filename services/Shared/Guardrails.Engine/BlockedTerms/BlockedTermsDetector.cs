using System.Buffers;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>
/// Finds terms wherever they occur, inside words too, without regard to case in any script. One pass over the text
/// whatever the number of terms (Aho-Corasick); of the terms that end at one place the longest is reported.
/// </summary>
public sealed class BlockedTermsDetector : IDetector
{
    private readonly TermAutomaton automaton;

    /// <summary>Prepares the terms, in time linear in their length together.</summary>
    /// <param name="terms">The terms; empty ones are passed over.</param>
    public BlockedTermsDetector(IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        automaton = new TermAutomaton(terms.Where(t => t.Length > 0).Select(CaseFold.Fold));
    }

    /// <inheritdoc />
    public string Name => "blocked_terms";

    /// <summary>True when there is no term to look for.</summary>
    public bool IsEmpty => automaton.IsEmpty;

    /// <inheritdoc />
    public void Detect(ReadOnlySpan<char> text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            var folded = rented.AsSpan(0, text.Length);
            CaseFold.Fold(text, folded);
            automaton.Search(folded, findings);
        }
        finally
        {
            // It held a prompt: the next renter must not see it.
            ArrayPool<char>.Shared.Return(rented, clearArray: true);
        }
    }
}
