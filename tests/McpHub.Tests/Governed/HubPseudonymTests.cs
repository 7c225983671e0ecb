using Gateway.Contracts.Configuration;

namespace Gateway.McpHub.Tests.Governed;

/// <summary>Pseudonyms of calls of tools: stable through a session, the caller's own put back, nobody else's ever.</summary>
public sealed class HubPseudonymTests
{
    private static GuardrailPolicyEntry Policy(bool realistic = false) => new()
    {
        Id = "g", AppliesTo = new GuardrailSelector(), TimeoutMilliseconds = 30_000,
        Rules = [new GuardrailRuleEntry { Detector = "pii", Kinds = ["email"], Action = GuardrailAction.Pseudonymize, Realistic = realistic, Scopes = [GuardrailScope.Mcp] }],
    };

    [Fact]
    public async Task Two_hubs_share_them_through_the_guardrail_service_and_a_hub_that_is_started_anew_knows_them()
    {
        await using var set = await HubSet.StartAsync(Policy());
        var service = await set.ServiceAsync();
        (string, string)[] settings = [("services:guardrails:http:0", service.Client.BaseAddress!.ToString())];
        var one = await set.HubAsync(settings);
        var two = await set.HubAsync(settings);

        Assert.Equal("""{"to":"maria@example.com"}""", await set.TextAsync(one, "red1", "x", "write", """{"to":"maria@example.com"}"""));
        Assert.Equal("""{"to":"zoe@example.com","cc":"maria@example.com"}""", await set.TextAsync(two, "red1", "x", "write", """{"to":"zoe@example.com","cc":"maria@example.com"}"""));
        Assert.Equal(["""{"to":"[EMAIL_1]"}""", """{"to":"[EMAIL_2]","cc":"[EMAIL_1]"}"""], set.Tools.Calls.Select(static c => c.Arguments));

        // What servers say of them later is put back in the same session of the same key, by either hub and by one that was not there.
        set.Tools.Says["read"] = "For [EMAIL_1] and [EMAIL_2].";
        var three = await set.HubAsync(settings);
        foreach (var hub in (Gateway.Tests.ServiceProcess[])[one, two, three])
        {
            Assert.Equal("For maria@example.com and zoe@example.com.", await set.TextAsync(hub, "red1", "x", "read", "{}"));
            Assert.Equal("For [EMAIL_1] and [EMAIL_2].", await set.TextAsync(hub, "red1", "y", "read", "{}"));
            Assert.Equal("For [EMAIL_1] and [EMAIL_2].", await set.TextAsync(hub, "red2", "x", "read", "{}"));
            Assert.Equal("For [EMAIL_1] and [EMAIL_2].", await set.TextAsync(hub, "k", "x", "read", "{}"));
        }
    }

    [Fact]
    public async Task Alone_a_hub_keeps_them_itself_and_calls_at_once_never_share_one()
    {
        await using var set = await HubSet.StartAsync(Policy(realistic: true));
        var hub = await set.HubAsync();
        var texts = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => set.TextAsync(hub, "k", "x", "write", $$"""{"to":"person{{i % 6}}@example.com"}""")));

        Assert.Equal(Enumerable.Range(0, 12).Select(static i => $$"""{"to":"person{{i % 6}}@example.com"}"""), texts);
        var sent = set.Tools.Calls.Select(static c => c.Arguments).ToList();
        Assert.Equal((12, 6), (sent.Count, sent.Distinct().Count()));
        Assert.DoesNotContain(sent, static a => a.Contains("person", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_only_came_in_results_stays_hidden_whatever_the_caller_sends()
    {
        await using var set = await HubSet.StartAsync(Policy());
        var hub = await set.HubAsync();
        set.Tools.Says["read"] = "It is of secret@example.com.";
        Assert.Equal("It is of [EMAIL_1].", await set.TextAsync(hub, "k", "x", "read", "{}"));

        // A tool that echoes does not tell whom the pseudonym stands for, also where the call has an address of the caller's own beside it.
        Assert.Equal("""{"a":"[EMAIL_1]"}""", await set.TextAsync(hub, "k", "x", "write", """{"a":"[EMAIL_1]"}"""));
        Assert.Equal("""{"a":"[EMAIL_1]","b":"own@example.com"}""", await set.TextAsync(hub, "k", "x", "write", """{"a":"[EMAIL_1]","b":"own@example.com"}"""));
        Assert.Equal("It is of [EMAIL_1].", await set.TextAsync(hub, "k", "x", "read", "{}"));

        // Who knows it already gets it back.
        Assert.Equal("""{"a":"secret@example.com"}""", await set.TextAsync(hub, "k", "x", "write", """{"a":"secret@example.com"}"""));
        Assert.Equal("It is of secret@example.com.", await set.TextAsync(hub, "k", "x", "read", "{}"));
        Assert.All(set.Tools.Calls, static c => Assert.DoesNotContain("@", c.Arguments, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_service_that_is_away_costs_nobody_his_call()
    {
        await using var set = await HubSet.StartAsync(Policy());
        var service = await set.ServiceAsync();
        var hub = await set.HubAsync(("services:guardrails:http:0", service.Client.BaseAddress!.ToString()));
        Assert.Equal("""{"to":"maria@example.com"}""", await set.TextAsync(hub, "k", "x", "write", """{"to":"maria@example.com"}"""));
        Assert.Equal(0, await service.StopAsync());
        Assert.Equal("""{"to":"maria@example.com"}""", await set.TextAsync(hub, "k", "x", "write", """{"to":"maria@example.com"}"""));
        Assert.Equal(["""{"to":"[EMAIL_1]"}""", """{"to":"[EMAIL_1]"}"""], set.Tools.Calls.Select(static c => c.Arguments));
    }
}
