using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests.Topics;

public sealed class TopicsTests
{
    [Theory]
    [InlineData("Which stocks should I buy, and are dividends better than a savings account?", "finance")]
    [InlineData("The doctor changed my medication because of side effects.", "medical")]
    [InlineData("Wer gewinnt die Wahlen zum Bundestag, und welche Partei?", "politics")]
    public void Topics_are_found(string text, string topic)
    {
        var outcome = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], Streaming.Set(new GuardrailRuleEntry { Detector = "topics", Kinds = ["finance", "medical", "politics"] }), Streaming.Context());
        Assert.Equal([topic], outcome.Findings.Select(static f => f.Kind));
    }

    [Fact]
    public void One_word_is_not_a_topic_but_a_term_of_the_rule_is()
    {
        var builtIn = Streaming.Set(new GuardrailRuleEntry { Detector = "topics", Kinds = ["religion"], Action = GuardrailAction.Block });
        var own = Streaming.Set(new GuardrailRuleEntry { Detector = "topics", Terms = ["merger", "project falcon"], Action = GuardrailAction.Block });

        Assert.NotNull(Streaming.Whole(builtIn, "Oh god, the train is late."));
        Assert.Null(Streaming.Whole(own, "What do you know of the Mergers?"));
        Assert.Null(Streaming.Whole(own, "PROJECT  FALCON starts on Monday."));
        Assert.NotNull(Streaming.Whole(own, "The falcon flew over the project."));
    }

    [Fact]
    public void Topics_need_kinds_or_terms() =>
        Assert.NotEmpty(PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [new GuardrailRuleEntry { Detector = "topics" }] }).Problems);

    [Theory]
    [InlineData("Acme is cheaper.", "[COMPETITOR] is cheaper.")]
    [InlineData("Acme's prices and ACME prices", "[COMPETITOR] prices and [COMPETITOR] prices")]
    [InlineData("acmeology", "acmeology")]
    [InlineData("Ask Blue Sky Ltd about it", "Ask [COMPETITOR] about it")]
    [InlineData("Аcme with a Cyrillic letter", "[COMPETITOR] with a Cyrillic letter")]
    public void Competitors_are_found_as_whole_words(string text, string expected) =>
        Assert.Equal(expected, Streaming.Whole(Streaming.Set(new GuardrailRuleEntry { Detector = "competitors", Action = GuardrailAction.Redact, Terms = ["Acme", "Blue Sky Ltd"] }), text));

    [Fact]
    public void A_name_that_is_a_word_needs_its_context()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "competitors", Action = GuardrailAction.Redact, Terms = ["Apple"], Context = ["phone", "laptop*", "stock"] });
        Assert.Equal("An Apple a day keeps the doctor away", Streaming.Whole(set, "An Apple a day keeps the doctor away"));
        Assert.Equal("The new phone of [COMPETITOR] is out", Streaming.Whole(set, "The new phone of Apple is out"));
    }

    [Fact]
    public void A_stream_gives_what_the_whole_text_gives()
    {
        string[] pieces = ["Acme", "Blue Sky", "Blue Sky Ltd", "blue", "sky", "Acme's", "phone", "🔥", "\u200B", "А", "'s", new string('y', 130)];
        var plain = Streaming.Set(new GuardrailRuleEntry { Detector = "competitors", Action = GuardrailAction.Redact, Terms = ["Acme", "Blue Sky", "Blue Sky Ltd", "Sky"] });
        var near = Streaming.Set(new GuardrailRuleEntry { Detector = "competitors", Action = GuardrailAction.Mask, Terms = ["Acme", "Sky"], Context = ["phone"] });

        Streaming.Property(Streaming.Texts(pieces), text => Streaming.AssertSame(plain, text, randomCuts: 2), 40);
        Streaming.Property(Streaming.Texts(pieces), text => Streaming.AssertSame(near, text, randomCuts: 2), 40);
    }
}
