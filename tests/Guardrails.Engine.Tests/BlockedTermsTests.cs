using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class BlockedTermsTests
{
    [Theory]
    [InlineData("secret", "my SeCrEt plan", 3, 6)]
    [InlineData("straße", "in der STRAßE", 7, 6)]
    [InlineData("ΣΊΣΥΦΟΣ", "ο σίσυφος ανεβαίνει", 2, 7)]
    [InlineData("москва", "МОСКВА", 0, 6)]
    [InlineData("kelvin", "300 \u212Aelvin", 4, 6)]
    [InlineData("\U00010428x", "a\U00010400X", 1, 3)]
    [InlineData("🔥", "all 🔥 here", 4, 2)]
    [InlineData("ass", "class", 2, 3)]
    public void A_term_is_found_in_any_case_and_script(string term, string text, int start, int length)
    {
        var result = Check([text], [term]);

        Assert.Equal(GuardVerdict.Block, result.Verdict);
        Assert.Equal(new GuardFinding("blocked-terms", 0, "blocked_terms", "term", GuardrailAction.Block, 0, start, length, 1), Assert.Single(result.Findings));
    }

    [Theory]
    [InlineData("secret", "secre t")]
    [InlineData("secret", "")]
    [InlineData("🔥", "\ud83d alone \udd25")]
    [InlineData("", "anything")]
    public void What_is_not_there_is_not_found(string term, string text)
        => Assert.Equal(GuardVerdict.Allow, Check([text], [term]).Verdict);

    [Fact]
    public void The_findings_are_those_of_a_plain_search()
    {
        // Few letters make overlaps, prefixes and suffixes of one another common.
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var terms = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Word(random, random.Next(1, 5))).ToArray();
            var text = Word(random, random.Next(0, 40));

            var found = Check([text], terms).Findings.Select(f => (f.Start, f.Length));

            Assert.Equal(PlainSearch(text, terms), found);
        }
    }

    [Fact]
    public void Findings_name_the_text_and_are_bounded()
    {
        var result = Check(["fine", new string('a', 5000), "A"], ["a"]);

        Assert.Equal(GuardVerdict.Block, result.Verdict);
        Assert.Equal(GuardEngine.MaxFindings, result.Findings.Count(f => f.Index == 1));
        Assert.Equal((2, 0, 1), (result.Findings[^1].Index, result.Findings[^1].Start, result.Findings[^1].Length));
        Assert.DoesNotContain(result.Findings, f => f.Index == 0);
    }

    [Fact]
    public void Hostile_terms_over_a_megabyte_end_at_once()
    {
        // Quadratic search would compare 10^12 characters here.
        var terms = Enumerable.Range(1, 500).Select(n => new string('a', n * 2) + "b");
        var text = new string('a', 1_000_000);

        Assert.Equal(GuardVerdict.Allow, Check([text], terms).Verdict);
    }

    private static GuardOutcome Check(IReadOnlyList<string> texts, IEnumerable<string> terms)
    {
        List<GuardText> inputs = [.. texts.Select(static t => new GuardText(t, GuardrailScope.Input))];
        return CompiledPolicy.BlockTerms(terms) is { } policy ? GuardEngine.Check(inputs, policy) : GuardOutcome.Untouched(inputs);
    }

    private static string Word(Random random, int length)
        => string.Concat(Enumerable.Range(0, length).Select(_ => "abAB"[random.Next(4)]));

    private static IEnumerable<(int, int)> PlainSearch(string text, string[] terms)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var longest = terms.Where(t => text[..end].EndsWith(t, StringComparison.OrdinalIgnoreCase)).Select(t => t.Length).DefaultIfEmpty(0).Max();
            if (longest > 0)
            {
                yield return (end - longest, longest);
            }
        }
    }
}
