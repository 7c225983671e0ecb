using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Dialects.Chat;
using Gateway.Edge.Guarding;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>What policies do besides changing and blocking, in several dialects, streamed and plain.</summary>
public sealed class ActionTests
{
    public static TheoryData<DialectId, bool> Calls
    {
        get
        {
            var calls = new TheoryData<DialectId, bool>();
            foreach (var dialect in (DialectId[])[DialectId.OpenAIChat, DialectId.Anthropic, DialectId.OpenAIResponses])
            {
                calls.Add(dialect, false);
                calls.Add(dialect, true);
            }

            return calls;
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_rule_sends_a_request_to_another_route_whose_policies_run_too(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = NativeCallTests.Configuration(simulator, """
            guardrails:
              health: { appliesTo: { routes: [ "compatible/*" ] }, rules: [ { detector: keywords, action: route, route: "gemini/*", scopes: [ input ], terms: [ diagnosis ] } ] }
              inside: { appliesTo: { routes: [ "gemini/*" ] }, rules: [ { detector: keywords, action: redact, scopes: [ input ], terms: [ Kranich ] } ] }
            """).Replace("\"gemini/*\": {", "inhouse: { targets: [ { deployment: own } ] }\n  \"gemini/*\": {", StringComparison.Ordinal)
            .Replace("route: \"gemini/*\"", "route: inhouse", StringComparison.Ordinal).Replace("routes: [ \"gemini/*\" ]", "routes: [ inhouse ]", StringComparison.Ordinal)
            .Replace("deployments:\n", "deployments:\n  own: { provider: gemini, model: \"sim?text=from%20inside\", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }\n", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "compatible/sim?text=from%20outside", stream, "the diagnosis of Kranich");
        Assert.Equal("from inside", Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response)));
        Assert.Equal("health=route, inside=redact", response.Headers.GetValues("x-gateway-guardrails").Single());
        Assert.DoesNotContain("Kranich", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        Assert.Equal("own", Assert.Single(await edge.RecordsAsync(1)).DeploymentId);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task What_needs_an_approval_goes_once_somebody_gave_it(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var governance = await Desk.StartAsync();
        await using var edge = await EdgeHost.StartAsync(
            NativeCallTests.Configuration(simulator, """
                guardrails:
                  p: { appliesTo: {}, rules: [ { detector: keywords, action: approve, scopes: [ input ], terms: [ transfer ], message: Ask finance. } ] }
                """),
            services: s => s.AddSingleton(new Approvals(governance.Client)));
        var caller = new Caller(dialect);
        using var asked = await caller.AskAsync(edge, "compatible/sim?tokens=1", stream, "transfer all of it");
        Assert.Contains("Ask finance.", (await caller.ErrorAsync(asked, 403)).Message, StringComparison.Ordinal);
        Assert.Equal("a1", asked.Headers.GetValues("x-gateway-approval").Single());
        Assert.Equal("p=approve", asked.Headers.GetValues("x-gateway-guardrails").Single());
        Assert.Empty(simulator.Received);
        governance.Status = ApprovalStatus.Approved;
        using var request = new HttpRequestMessage(HttpMethod.Post, caller.Path("compatible/sim?tokens=1", stream)) { Content = new StringContent(caller.Body("compatible/sim?tokens=1", "transfer all of it", stream), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("x-gateway-approval", "a1");
        using var approved = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        Assert.Equal("a1", governance.Asked[^1].Id);
        Assert.Equal(governance.Asked[0].Digest, governance.Asked[^1].Digest);
        governance.Status = ApprovalStatus.Denied;
        using var denied = await caller.AskAsync(edge, "compatible/sim?tokens=1", stream, "transfer all of it");
        Assert.Contains("denied", (await caller.ErrorAsync(denied, 403)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task What_one_policy_changes_the_next_one_sees_and_shadow_only_tells(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              a-last: { order: 30, appliesTo: {}, rules: [ { detector: keywords, action: block, terms: [ Falcon ] } ] }
              z-first: { order: 10, appliesTo: {}, rules: [ { detector: keywords, action: redact, terms: [ Falcon ] } ] }
              m-quiet: { order: 5, mode: shadow, appliesTo: {}, rules: [ { detector: keywords, action: block, terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "compatible/sim?text=a%20Falcon%20too&recut=2", stream, "the Falcon plan");
        Assert.Equal("a [TERM] too", Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response)));
        Assert.Equal("m-quiet=shadow:block, z-first=redact", response.Headers.GetValues("x-gateway-guardrails").Single());
        Assert.Contains("the [TERM] plan", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Masks_keep_the_last_characters_and_hashes_are_equal_for_equal_texts_on_both_sides(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: regex, action: mask, patterns: [ "acct-[0-9]+" ] }, { detector: keywords, action: hash, terms: [ Kranich, Storch ] } ] }
            """));
        var caller = new Caller(dialect);
        using var response = await caller.AskAsync(edge, "compatible/sim?text=acct-1234567890%20is%20of%20Kranich&recut=2", stream, "acct-1234567890 of Kranich, acct-12 of Storch, Kranich");
        var said = Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response));
        var sent = Regex.Match(simulator.Received[^1].BodyText, @"\*{11}7890 of (\[TERM:[0-9a-f]+\]), \*{7} of (\[TERM:[0-9a-f]+\]), (\[TERM:[0-9a-f]+\])");
        Assert.True(sent.Success, simulator.Received[^1].BodyText);
        Assert.Equal(sent.Groups[1].Value, sent.Groups[3].Value);
        Assert.NotEqual(sent.Groups[1].Value, sent.Groups[2].Value);
        Assert.Equal($"***********7890 is of {sent.Groups[1].Value}", said);
        Assert.Equal("p=mask, p=hash", response.Headers.GetValues("x-gateway-guardrails").Single());
    }

    [Fact]
    public async Task Hashes_are_the_same_in_a_team_and_others_elsewhere()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 } }
            deployments: { sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } } }
            routes: { "sim*": { targets: [ { deployment: sim } ] } }
            teams: { red: { name: Red } }
            keys:
              one: { value: gw-one-00000000000000000000000000000000000000, team: red }
              two: { value: gw-two-00000000000000000000000000000000000000, team: red }
              own: { value: gw-own-00000000000000000000000000000000000000 }
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: hash, scopes: [ input ], terms: [ hello ] } ] }
            """);
        var sent = new List<string>();
        foreach (var key in (string[])["one", "two", "own"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Address, "/v1/chat/completions")) { Content = new StringContent(EdgeHost.Chat("sim?tokens=1"), System.Text.Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new("Bearer", $"gw-{key}-00000000000000000000000000000000000000");
            using var response = await edge.Client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            sent.Add(simulator.Received[^1].BodyText);
        }

        Assert.Matches(@"\[TERM:[0-9a-f]+\] there", sent[0]);
        Assert.Equal(sent[0], sent[1]);
        Assert.NotEqual(sent[0], sent[2]);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_sample_takes_a_share_of_the_requests_and_both_sides_of_each(DialectId dialect, bool stream)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { sample: 0.5, appliesTo: {}, rules: [ { detector: keywords, action: redact, terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        var taken = 0;
        for (var i = 0; i < 60; i++)
        {
            using var response = await caller.AskAsync(edge, "compatible/sim?text=a%20Falcon", stream, "the Falcon plan " + i.ToString(CultureInfo.InvariantCulture));
            var said = Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response));
            var isTaken = simulator.Received[^1].BodyText.Contains("the [TERM] plan", StringComparison.Ordinal);
            Assert.Equal(isTaken ? "a [TERM]" : "a Falcon", said);
            taken += isTaken ? 1 : 0;
        }

        // Of a fair coin fewer than one run in ten million leaves this.
        Assert.InRange(taken, 10, 50);
    }

    /// <summary>Governance, as far as approvals go.</summary>
    private sealed class Desk(WebApplication app) : IAsyncDisposable
    {
        public ApprovalStatus Status { get; set; } = ApprovalStatus.Pending;

        public List<ApprovalAsk> Asked { get; } = [];

        public static async Task<Desk> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var desk = new Desk(app);
            app.Run(async context =>
            {
                var ask = await context.Request.ReadFromJsonAsync(ContractsJson.Default.ApprovalAsk, context.RequestAborted);
                desk.Asked.Add(ask!);
                await context.Response.WriteAsJsonAsync(new ApprovalState { Id = "a1", Status = desk.Status, Until = DateTimeOffset.MaxValue }, ContractsJson.Default.ApprovalState, cancellationToken: context.RequestAborted);
            });
            await app.StartAsync(Cancel);
            return desk;
        }

        public HttpClient Client() => new() { BaseAddress = new Uri(app.Urls.First()) };

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}
