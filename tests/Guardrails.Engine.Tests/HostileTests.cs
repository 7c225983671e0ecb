using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

/// <summary>Texts made to cost: none may cost more than in proportion to its length. Work that grew with its square would not end while the tests run.</summary>
public sealed class HostileTests
{
    private const int Length = 1_000_000;

    private static readonly PolicySet _set = Streaming.Set(
        new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact },
        new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact },
        new GuardrailRuleEntry { Detector = "urls", Action = GuardrailAction.Mask },
        new GuardrailRuleEntry { Detector = "keywords", Terms = ["a a a a b", "x*"], Action = GuardrailAction.Redact });

    [Theory]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("1-")]
    [InlineData("A ")]
    [InlineData("A")]
    [InlineData("a.")]
    [InlineData("@")]
    [InlineData("eyJ")]
    [InlineData("eyJ.")]
    [InlineData("://")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("token=")]
    [InlineData("password is ")]
    [InlineData("Jane Roe, 12 Elm Street, ")]
    [InlineData("4111 1111 1111 1111 ")]
    [InlineData("\ud83d")]
    [InlineData("\udd25\ud83d")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("New ")]
    [InlineData("the corner of ")]
    public void A_megabyte_ends(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, (Length / piece.Length) + 1));

        Assert.NotNull(Streaming.Whole(_set, text));
    }

    [Fact]
    public void Ten_thousand_matches_are_all_changed_and_a_hundred_reported()
    {
        var outcome = GuardEngine.Check([new GuardText(string.Concat(Enumerable.Repeat("a@b.org, ", 10_000)), GuardrailScope.Input)], Streaming.Compile(new GuardrailRuleEntry { Detector = "pii", Action = GuardrailAction.Redact }));

        Assert.DoesNotContain("@", outcome.Texts[0].Text, StringComparison.Ordinal);
        Assert.Equal(GuardEngine.MaxFindings, outcome.Findings.Count);
        Assert.Equal(10_000, outcome.Notes[0].Count);
    }

    [Fact]
    public void A_long_key_in_small_pieces_is_looked_at_a_bounded_number_of_times()
    {
        var key = "-----BEGIN RSA PRIVATE KEY-----\n" + string.Concat(Enumerable.Repeat("MIIEpAIBAAKCAQEA7bq0\n", 700)) + "-----END RSA PRIVATE KEY-----";
        var counter = new Counting();
        var rule = new GuardrailRuleEntry { Detector = "secrets", Action = GuardrailAction.Redact };
        var policy = new CompiledPolicy(new GuardrailPolicyEntry { Id = "p", Rules = [rule] }, [new CompiledRule(0, rule, DetectorCatalogue.Find("secrets")!, [counter], SecretKinds(), 0)], "");

        var stream = Streaming.Stream(new PolicySet([policy]), $"x {key} y", Enumerable.Range(1, key.Length));

        Assert.Equal("x [PRIVATE_KEY] y", stream.Released);

        // Each time a quarter more: the rows add up to a few times the text, not to its square.
        Assert.InRange(counter.Shown, 1, key.Length * 12L);
    }

    private static System.Collections.Frozen.FrozenSet<string> SecretKinds() => System.Collections.Frozen.FrozenSet.ToFrozenSet(["private_key"], StringComparer.Ordinal);

    private sealed class Counting : IDetector
    {
        private readonly Secrets.SecretsDetector _inner = new(SecretKinds());

        public long Shown { get; private set; }

        public string Name => _inner.Name;

        public int Lookbehind => _inner.Lookbehind;

        public int Window => _inner.Window;

        public int Detect(in DetectorText text, FindingSink findings)
        {
            Shown += text.Text.Length - text.From;
            return _inner.Detect(text, findings);
        }
    }
}
