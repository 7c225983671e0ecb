using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Tests.Configuration;

/// <summary>Guardrail policies in the file: read whole, and refused with the line of what is wrong.</summary>
public sealed class GuardrailFileTests
{
    private const string Head = """
        version: 1
        autoProviders: false
        teams: { t: { guardrailPolicies: [p] } }
        routes: { r: { targets: [demo], guardrailPolicies: [p] } }
        keys: { k: { value: gw-0123456789abcdef, guardrailPolicies: [p] } }

        """;

    [Fact]
    public void A_policy_is_read_with_all_its_members()
    {
        var result = Files.Parse(Head + """
            providers: { x: { baseUrl: "http://localhost:1", apiKey: secret, models: [] } }
            guardrails:
              p:
                name: P
                enabled: false
                order: 3
                mode: shadow
                fail: open
                timeoutMilliseconds: 7
                sample: 0.25
                inline: true
                appliesTo: { keys: [k], teams: [t], routes: ["r*"], models: ["m*"], tags: [a] }
                rules:
                  - { detector: keywords, action: redact, scopes: [input, toolResult], terms: [Falcon] }
                  - { detector: webhook, action: block, message: "No.", endpoint: { url: "https://guard.example", credential: x, policy: y } }
                  - { detector: keywords, action: route, route: r, terms: [a] }
                  - { detector: judge, action: flag, judgeRoute: r, judgePrompt: "Is it?" }
            """);
        Assert.Equal("", Files.Describe(result));
        var policy = Assert.Single(result.Snapshot!.Guardrails);
        Assert.Equal(("P", false, 3, GuardrailMode.Shadow, FailPolicy.Open, 7, 0.25, true), (policy.Name, policy.Enabled, policy.Order, policy.Mode, policy.Fail!.Value, policy.TimeoutMilliseconds, policy.Sample, policy.Inline));
        Assert.Equal("k t r* m* a", string.Join(' ', (string[])[.. policy.AppliesTo!.Keys, .. policy.AppliesTo.Teams, .. policy.AppliesTo.Routes, .. policy.AppliesTo.Models, .. policy.AppliesTo.Tags]));
        Assert.Equal([GuardrailScope.Input, GuardrailScope.ToolResult], policy.Rules[0].Scopes);
        Assert.Equal((GuardrailAction.Block, "x", "y"), (policy.Rules[1].Action, policy.Rules[1].Endpoint!.CredentialId, policy.Rules[1].Endpoint!.Policy));
        Assert.Equal((GuardrailAction.Route, "r", GuardrailAction.Flag, "Is it?"), (policy.Rules[2].Action, policy.Rules[2].Route, policy.Rules[3].Action, policy.Rules[3].JudgePrompt));
        Assert.Equal(["p"], result.Snapshot.Keys[0].GuardrailPolicies);
        Assert.Equal(["p"], result.Snapshot.Teams[0].GuardrailPolicies);
        Assert.Equal(["p"], result.Snapshot.Routes.Single(static r => r.Name == "r").GuardrailPolicies);
    }

    [Theory]
    [InlineData("- { detector: nobody }", "guardrails.p.rules[0].detector")]
    [InlineData("- { detector: keywords }", "guardrails.p.rules[0].terms")]
    [InlineData("- { detector: keywords, terms: [a], acton: block }", "guardrails.p.rules[0].acton")]
    [InlineData("- { detector: keywords, terms: [a], action: burn }", "guardrails.p.rules[0].action")]
    [InlineData("- { detector: keywords, terms: [a], scopes: [inptu] }", "guardrails.p.rules[0].scopes[0]")]
    [InlineData("- { detector: keywords, terms: [a], action: route, route: nowhere }", "guardrails.p.rules[0].route")]
    [InlineData("- { detector: judge, judgeRoute: nowhere, judgePrompt: x }", "guardrails.p.rules[0].judgeRoute")]
    [InlineData("- { detector: webhook, endpoint: { url: \"https://x.example\", credential: nobody } }", "guardrails.p.rules[0].endpoint.credential")]
    public void What_is_wrong_is_told_with_its_line(string rule, string path)
    {
        var result = Files.Parse(Head + "guardrails:\n  p:\n    rules:\n      " + rule + "\n");
        var problem = Assert.Single(result.Errors);
        Assert.Equal((path, 9), (problem.Path, problem.Line));
    }

    [Fact]
    public void A_policy_that_is_not_there_is_refused_wherever_it_is_named()
    {
        var result = Files.Parse(Head);
        Assert.Equal(["teams.t.guardrailPolicies[0]", "routes.r.guardrailPolicies[0]", "keys.k.guardrailPolicies[0]"], result.Errors.Select(static e => e.Path));
    }
}
