using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class PolicyTests
{
    public static TheoryData<GuardrailRuleEntry, string> Faults => new()
    {
        { new() { Detector = "nothing" }, "rules[0].detector" },
        { new() { Detector = "pii", Kinds = ["email", "shoe_size"] }, "rules[0].kinds[1]" },
        { new() { Detector = "keywords", Terms = ["a"], Kinds = ["x"] }, "rules[0].kinds[0]" },
        { new() { Detector = "keywords" }, "rules[0].terms" },
        { new() { Detector = "keywords", Terms = ["**"] }, "rules[0].terms[0]" },
        { new() { Detector = "regex", Patterns = ["(a"] }, "rules[0].patterns[0]" },
        { new() { Detector = "regex", Patterns = ["a", "(?=b)c"] }, "rules[0].patterns[1]" },
        { new() { Detector = "pii", Max = 3 }, "rules[0].max" },
        { new() { Detector = "pii", Terms = ["x"], Kinds = ["email"] }, "rules[0].kinds" },
        { new() { Detector = "length", Max = 0 }, "rules[0].max" },
        { new() { Detector = "length", Max = 10, Action = GuardrailAction.Redact }, "rules[0].action" },
        { new() { Detector = "secrets", MinScore = 1.5 }, "rules[0].minScore" },
        { new() { Detector = "secrets", Action = GuardrailAction.Route }, "rules[0].route" },
        { new() { Detector = "secrets", Route = "x" }, "rules[0].route" },
        { new() { Detector = "secrets", Action = GuardrailAction.Route, Route = "x", Scopes = [GuardrailScope.Output] }, "rules[0].action" },
        { new() { Detector = "secrets", Realistic = true }, "rules[0].realistic" },
        { new() { Detector = "json_schema", Schema = "{" }, "rules[0].schema" },
        { new() { Detector = "json_schema", Schema = """{"unevaluatedProperties":false}""" }, "rules[0].schema" },
        { new() { Detector = "tool_calls" }, "rules[0].detector" },
        { new() { Detector = "judge", JudgeRoute = "r" }, "rules[0].judgePrompt" },
        { new() { Detector = "webhook", Endpoint = new() { Url = "ftp://x" } }, "rules[0].endpoint.url" },
        { new() { Detector = "pii", Scopes = [(GuardrailScope)77] }, "rules[0].scopes[0]" },
        { new() { Detector = "pii", Action = (GuardrailAction)77 }, "rules[0].action" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void What_is_wrong_is_told_with_its_place(GuardrailRuleEntry rule, string path)
    {
        var compiled = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [rule] });

        Assert.Null(compiled.Policy);
        Assert.Contains(compiled.Problems, p => p.Path == path && p.Message.Length > 10);
    }

    [Fact]
    public void Every_problem_of_a_policy_is_told_at_once()
    {
        var compiled = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "", Order = -1, TimeoutMilliseconds = 0, Sample = 0, Rules = [] });

        Assert.Equal(["id", "order", "rules", "sample", "timeoutMilliseconds"], compiled.Problems.Select(static p => p.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_fingerprint_changes_with_what_a_policy_does_and_not_with_its_name()
    {
        var first = Streaming.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [new() { Detector = "pii" }] });
        var renamed = Streaming.Compile(new GuardrailPolicyEntry { Id = "q", Name = "other", Rules = [new() { Detector = "pii" }] });
        var stricter = Streaming.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [new() { Detector = "pii", Action = GuardrailAction.Redact }] });

        Assert.Equal(first.Fingerprint, renamed.Fingerprint);
        Assert.NotEqual(first.Fingerprint, stricter.Fingerprint);
        Assert.NotEqual(new PolicySet([first]).Fingerprint, new PolicySet([first, stricter]).Fingerprint);
        Assert.Equal("", PolicySet.Empty.Fingerprint);
    }

    [Fact]
    public void Shadow_reports_and_changes_nothing()
    {
        var policy = Streaming.Compile(new GuardrailPolicyEntry { Id = "p", Mode = GuardrailMode.Shadow, Rules = [new() { Detector = "keywords", Terms = ["bad"], Action = GuardrailAction.Block, Message = "no" }] });

        var outcome = GuardEngine.Check([new GuardText("bad", GuardrailScope.Input)], policy);

        Assert.Equal((GuardVerdict.Allow, GuardVerdict.Block, false), (outcome.Verdict, outcome.ShadowVerdict, outcome.IsChanged));
        Assert.Null(outcome.Message);
        Assert.Equal(1, Assert.Single(outcome.Notes).Count);
        Assert.Equal(("bad", false, 0), Streaming.Stream(new PolicySet([policy]), "bad", [1, 2], place: GuardrailScope.Input));
    }

    [Fact]
    public void The_strictest_action_wins_and_policies_see_what_those_before_left()
    {
        var first = Streaming.Compile(new GuardrailPolicyEntry { Id = "a", Order = 1, Rules = [new() { Detector = "keywords", Terms = ["alpha"], Action = GuardrailAction.Redact }, new() { Detector = "keywords", Terms = ["beta"], Action = GuardrailAction.Route, Route = "safe" }] });
        var second = Streaming.Compile(new GuardrailPolicyEntry { Id = "b", Order = 2, Rules = [new() { Detector = "keywords", Terms = ["alpha"], Action = GuardrailAction.Block }, new() { Detector = "keywords", Terms = ["gamma"], Action = GuardrailAction.Approve, Message = "ask" }] });
        var set = new PolicySet([second, first]);

        var hidden = GuardEngine.Check([new GuardText("alpha beta", GuardrailScope.Input)], set);
        var asked = GuardEngine.Check([new GuardText("beta gamma", GuardrailScope.Input)], set);

        Assert.Equal((GuardVerdict.Route, "safe", "[TERM] beta"), (hidden.Verdict, hidden.Route, hidden.Texts[0].Text));
        Assert.Equal((GuardVerdict.Approve, "ask"), (asked.Verdict, asked.Message));
    }

    [Theory]
    [InlineData(GuardrailScope.Input, GuardrailScope.ToolResult, true)]
    [InlineData(GuardrailScope.Output, GuardrailScope.ToolCall, true)]
    [InlineData(GuardrailScope.ToolResult, GuardrailScope.Input, false)]
    [InlineData(GuardrailScope.Input, GuardrailScope.Mcp, false)]
    public void Rules_look_where_they_say(GuardrailScope scope, GuardrailScope place, bool looks) =>
        Assert.Equal(looks, Streaming.Compile(new GuardrailRuleEntry { Detector = "pii", Scopes = [scope] }).LooksAt(place));

    [Fact]
    public void What_other_services_found_is_added_by_the_caller()
    {
        var policy = Streaming.Compile(
            new GuardrailRuleEntry { Detector = "presidio", Endpoint = new() { Url = "http://x/analyze" }, Action = GuardrailAction.Redact },
            new GuardrailRuleEntry { Detector = "webhook", Endpoint = new() { Url = "http://x/hook" }, Action = GuardrailAction.Block });
        using var run = GuardEngine.Begin([new GuardText("I am Jane", GuardrailScope.Input)], policy);

        Assert.Equal([0, 1], run.Pending.Select(static p => p.Rule.Index));
        run.Add(0, 0, 5, 400, "person", 0.9);
        run.Answered(1);
        var outcome = run.Conclude();

        Assert.Equal((GuardVerdict.Allow, "I am [PERSON]"), (outcome.Verdict, outcome.Texts[0].Text));
        Assert.DoesNotContain(outcome.Notes, static n => n.IsPending);
    }

    [Theory]
    [InlineData(FailPolicy.Closed, GuardVerdict.Block)]
    [InlineData(FailPolicy.Open, GuardVerdict.Allow)]
    public void A_rule_that_cannot_look_blocks_or_not_as_the_policy_says(FailPolicy fail, GuardVerdict verdict)
    {
        var policy = Streaming.Compile(new GuardrailPolicyEntry { Id = "p", Fail = fail, Rules = [new() { Detector = "webhook", Endpoint = new() { Url = "http://x/" }, Action = GuardrailAction.Block }] });
        using var run = GuardEngine.Begin([new GuardText("x", GuardrailScope.Input)], policy);
        run.Fail(0, "timeout");

        var outcome = run.Conclude();

        Assert.Equal((verdict, verdict == GuardVerdict.Block), (outcome.Verdict, outcome.IsFailure));
        Assert.Equal("timeout", Assert.Single(outcome.Notes).Failure);
    }

    [Fact]
    public void A_detector_that_throws_is_a_rule_that_cannot_look()
    {
        var policy = Throwing(FailPolicy.Closed);

        var outcome = GuardEngine.Check([new GuardText("x", GuardrailScope.Output)], policy);

        Assert.Equal((GuardVerdict.Block, true), (outcome.Verdict, outcome.IsFailure));
        Assert.Equal("InvalidTimeZoneException", Assert.Single(outcome.Notes).Failure);
        Assert.Equal(("", true), Blocked(Throwing(FailPolicy.Closed)));
        Assert.Equal(("x", false), Blocked(Throwing(FailPolicy.Open)));

        static (string, bool) Blocked(CompiledPolicy policy)
        {
            var stream = Streaming.Stream(new PolicySet([policy]), "x", []);
            return (stream.Released, stream.IsStopped);
        }
    }

    private static CompiledPolicy Throwing(FailPolicy fail)
    {
        var rule = new GuardrailRuleEntry { Detector = "keywords", Terms = ["x"], Action = GuardrailAction.Block };
        var descriptor = DetectorCatalogue.Find("keywords")!;
        return new CompiledPolicy(new GuardrailPolicyEntry { Id = "p", Fail = fail, Rules = [rule] }, [new CompiledRule(0, rule, descriptor, [new Thrower()], System.Collections.Frozen.FrozenSet<string>.Empty, 0)], "");
    }

    private sealed class Thrower : IDetector
    {
        public string Name => "keywords";

        public int Lookbehind => 0;

        public int Window => 0;

        public int Detect(in DetectorText text, FindingSink findings) => throw new InvalidTimeZoneException("the text may stand here");
    }
}
