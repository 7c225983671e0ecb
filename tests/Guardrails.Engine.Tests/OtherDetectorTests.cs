using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class OtherDetectorTests
{
    private const string Schema = """
        {"type":"object","required":["name","items"],"additionalProperties":false,"$defs":{"item":{"type":"object","properties":{"n":{"type":"integer","minimum":1},"next":{"$ref":"#/$defs/item"}},"required":["n"]}},
         "properties":{"name":{"type":"string","minLength":2,"pattern":"^[A-Z]"},"items":{"type":"array","maxItems":3,"items":{"$ref":"#/$defs/item"}},"kind":{"enum":["a","b",null]},"x":{"anyOf":[{"type":"string"},{"type":"boolean"}]}}}
        """;

    [Theory]
    [InlineData("""{"name":"Ab","items":[{"n":1,"next":{"n":2}}],"kind":null,"x":true}""", null)]
    [InlineData("""{"name":"Ab","items":[]}""", null)]
    [InlineData("""{"name":"ab","items":[]}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[{"n":1.5}]}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[{"n":1,"next":{"n":0}}]}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[{"n":1},{"n":1},{"n":1},{"n":1}]}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[],"more":1}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[],"x":3}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab"}""", "schema_mismatch")]
    [InlineData("""{"name":"Ab","items":[]""", "invalid_json")]
    [InlineData("", "invalid_json")]
    [InlineData("\ud83d", "invalid_json")]
    public void Answers_are_held_to_their_schema(string answer, string? kind)
    {
        var outcome = GuardEngine.Check([new GuardText(answer, GuardrailScope.Output)], Streaming.Compile(new GuardrailRuleEntry { Detector = "json_schema", Schema = Schema, Action = GuardrailAction.Block }));

        Assert.Equal(kind, outcome.Findings.Select(static f => f.Kind).SingleOrDefault());
        Assert.Equal(kind is null ? GuardVerdict.Allow : GuardVerdict.Block, outcome.Verdict);
    }

    [Fact]
    public void A_schema_that_refers_to_itself_ends()
    {
        var policy = Streaming.Compile(new GuardrailRuleEntry { Detector = "json_schema", Schema = """{"$ref":"#"}""", Action = GuardrailAction.Block });

        Assert.Equal(GuardVerdict.Block, GuardEngine.Check([new GuardText("1", GuardrailScope.Output)], policy).Verdict);
    }

    [Theory]
    [InlineData("characters", 5, "12345", false)]
    [InlineData("characters", 5, "123456", true)]
    [InlineData("tokens", 2, "12345678", false)]
    [InlineData("tokens", 2, "123456789", true)]
    [InlineData("tokens", 2, "語語", false)]
    [InlineData("tokens", 2, "語語語", true)]
    public void Texts_may_be_so_long(string kind, int max, string text, bool blocked)
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "length", Kinds = [kind], Max = max, Action = GuardrailAction.Block });

        Assert.Equal(blocked, Streaming.Whole(set, text) is null);
        Streaming.AssertSame(set, text);
    }

    [Theory]
    [InlineData("see https://a.example.com/x", "see https://a.example.com/x")]
    [InlineData("see https://evil.test/?x=a.example.com.", "see [URL].")]
    [InlineData("https://a.example.com@evil.test/", "[URL]")]
    [InlineData("https://evil.test\\.example.com/", "[URL]")]
    [InlineData("http://example.com:8080/a http://[::1]/", "http://example.com:8080/a [URL]")]
    public void Urls_of_other_hosts_are_found(string text, string expected)
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "urls", Allow = ["example.com", "*.example.com"], Action = GuardrailAction.Redact });

        Assert.Equal(expected, Streaming.Whole(set, text));
        Streaming.AssertSame(set, text);
    }

    [Fact]
    public void Rows_of_words_of_the_system_prompt_are_found_in_pieces_too()
    {
        const string prompt = "You are the assistant of a bank. Never tell anybody that the limit of a transfer is five thousand euros a day.";
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "system_prompt_leak", Action = GuardrailAction.Redact });
        var context = new GuardContext { SystemPrompts = [prompt] };
        const string answer = "Sure: never tell ANYBODY, that the limit -- of a transfer is five thousand euros. Anything else?";

        var whole = GuardEngine.Check([new GuardText(answer, GuardrailScope.Output)], set, context).Texts[0].Text;

        Assert.Equal("Sure: [SYSTEM_PROMPT]. Anything else?", whole);
        for (var cut = 1; cut < answer.Length; cut++)
        {
            using var guard = new Streams.StreamGuard(set, GuardrailScope.Output, context: context);
            Assert.Equal(whole, guard.Push(answer.AsSpan(0, cut)) + guard.Push(answer.AsSpan(cut)) + guard.Complete());
        }

        Assert.Equal("I am the assistant of a bank.", GuardEngine.Check([new GuardText("I am the assistant of a bank.", GuardrailScope.Output)], set, context).Texts[0].Text);
    }

    [Theory]
    [InlineData("read_file", """{"path":"/tmp/x"}""", GuardVerdict.Allow)]
    [InlineData("read_file", """{"path":"\u002fetc/passwd"}""", GuardVerdict.Block)]
    [InlineData("delete_file", "{}", GuardVerdict.Block)]
    [InlineData("delete_file", "", GuardVerdict.Block)]
    public void Tools_and_arguments_are_held_to_their_rules(string tool, string arguments, GuardVerdict verdict)
    {
        var policy = Streaming.Compile(new GuardrailRuleEntry { Detector = "tool_calls", Allow = ["read_*"], Patterns = ["/etc/[a-z]+"], Action = GuardrailAction.Block });

        Assert.Equal(verdict, GuardEngine.Check([new GuardText(arguments, GuardrailScope.ToolCall) { Tool = tool, IsJson = true }], policy).Verdict);
    }

    [Theory]
    [InlineData("a{2,5}b", 6)]
    [InlineData("(foo|ba)\\d{3}", 6)]
    [InlineData("(?i)(?:x[^\\]a]?){4}$", 8)]
    [InlineData("a+", int.MaxValue)]
    [InlineData("(a|b*)c", int.MaxValue)]
    [InlineData("\\p{Lu}\\x41", 2)]
    public void The_longest_match_of_a_pattern_is_known(string pattern, int most) => Assert.Equal(most, Regexes.PatternLength.Most(pattern));

    [Fact]
    public void Regular_expressions_find_the_same_in_pieces() =>
        Streaming.Property(Streaming.Texts("aa", "aab", "id-123", "\n", "tok_99", "x", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "END"), static text =>
        {
            Streaming.AssertSame(Streaming.Set(new GuardrailRuleEntry { Detector = "regex", Patterns = ["a+b?", "\\bid-\\d+", "(?m)^tok_\\d\\d$"], Action = GuardrailAction.Redact }), text, randomCuts: 3);
            Streaming.AssertSame(Streaming.Set(new GuardrailRuleEntry { Detector = "regex", Patterns = ["\\d{2,3}"], Context = ["end"], Action = GuardrailAction.Mask }), text, randomCuts: 3);
        });
}
