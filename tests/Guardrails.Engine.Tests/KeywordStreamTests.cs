using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class KeywordStreamTests
{
    private static readonly string[] _fragments = ["bad", "Bad", "badge", "very bad", "very", "ab", "abab", "aba", "ba", "_", "🔥", "\ud83d", "\udd25", "é", "K", "\u212A"];
    private static readonly string[] _terms = ["bad", "very bad", "ab", "aba", "*abab", "🔥", "k"];

    [Theory]
    [InlineData("keywords", GuardrailAction.Redact)]
    [InlineData("keywords", GuardrailAction.Mask)]
    [InlineData("keywords", GuardrailAction.Pseudonymize)]
    [InlineData("keywords", GuardrailAction.Block)]
    [InlineData("blocked_terms", GuardrailAction.Redact)]
    [InlineData("blocked_terms", GuardrailAction.Block)]
    public void A_stream_gives_what_the_whole_text_gives(string detector, GuardrailAction action)
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = detector, Action = action, Terms = _terms });

        Streaming.Property(Streaming.Texts(_fragments), text => Streaming.AssertSame(set, text, randomCuts: 3));
    }

    [Fact]
    public void Overlapping_rules_and_policies_give_the_same_in_a_stream()
    {
        var first = Streaming.Compile(
            new GuardrailRuleEntry { Detector = "keywords", Action = GuardrailAction.Mask, Terms = ["very bad", "aba"] },
            new GuardrailRuleEntry { Detector = "blocked_terms", Action = GuardrailAction.Redact, Terms = ["ab", "bad b"] });
        var second = Streaming.Compile(new GuardrailPolicyEntry { Id = "q", Rules = [new GuardrailRuleEntry { Detector = "keywords", Action = GuardrailAction.Hash, Terms = ["term", "very", "badge"] }] });
        var set = new Gateway.Guardrails.Engine.Policies.PolicySet([first, second]);

        Streaming.Property(Streaming.Texts(_fragments), text => Streaming.AssertSame(set, text, randomCuts: 3));
    }

    [Fact]
    public void Json_strings_stay_json_and_escapes_are_understood()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "blocked_terms", Action = GuardrailAction.Redact, Terms = ["bad", "a\"b", "12", "x\n\n"] });
        const string json = """{"q":"very b\u0061d \"bad\" a\"b x\n\n y","n":4123,"bad":[12]}""";

        Assert.Equal("""{"q":"very [TERM] \"[TERM]\" [TERM] [TERM] y","n":4993,"[TERM]":[99]}""", Streaming.Whole(set, json, isJson: true));
        Streaming.AssertSame(set, json, isJson: true);
    }

    [Theory]
    [InlineData("a bad day", "a [TERM] day")]
    [InlineData("badge, bad.", "badge, [TERM].")]
    [InlineData("payments repay", "[TERM]ments repay")]
    [InlineData("BAD", "[TERM]")]
    [InlineData("not very bad at all", "not [TERM] at all")]
    public void Keywords_are_whole_words(string text, string expected)
        => Assert.Equal(expected, Streaming.Whole(Streaming.Set(new GuardrailRuleEntry { Detector = "keywords", Action = GuardrailAction.Redact, Terms = ["bad", "pay*", "very bad"] }), text));

    [Fact]
    public void Only_what_may_still_match_is_kept_back()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "blocked_terms", Action = GuardrailAction.Redact, Terms = ["secret plan"] });
        using var guard = new Streams.StreamGuard(set, GuardrailScope.Output);

        Assert.Equal("the ", guard.Push("the sec"));
        Assert.Equal(3, guard.Held);
        Assert.Equal("", guard.Push("ret pl"));
        Assert.Equal("secret plu", guard.Push("us"));
        Assert.Equal("s", guard.Complete());
    }
}
