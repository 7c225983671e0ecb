using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.Edge.Tests.Passthrough;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Answers that are passed on in their provider's form are guarded like any other: pass-through, and what providers keep.</summary>
public sealed class PassedAnswerTests
{
    private const string Falcon = "text=we%20saw%20a%20Falcon%20and%20a%20falcon%20fly";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, DialectId> Natives => new()
    {
        { "/passthrough/compatible/v1/chat/completions", DialectId.OpenAIChat },
        { "/passthrough/compatible/v1/responses", DialectId.OpenAIResponses },
        { "/passthrough/anthropic/v1/messages", DialectId.Anthropic },
        { "/passthrough/gemini/v1beta/models/sim%3FQ:generateContent", DialectId.Gemini },
        { "/passthrough/bedrock/model/sim%3FQ/converse", DialectId.BedrockConverse },
        { "/passthrough/cohere/v2/chat", DialectId.Cohere },
    };

    [Theory]
    [MemberData(nameof(Natives))]
    public async Task An_answer_that_is_passed_through_is_changed_in_place_streamed_and_plain(string path, DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Falcon ] } ] }
            """));
        var caller = new Caller(dialect);
        using var plain = await AskAsync(edge, caller, path, stream: false);
        var answer = await caller.AnswerAsync(plain);
        Assert.Equal("we saw a [TERM] and a [TERM] fly", Caller.Text(answer).Trim());
        Assert.Equal("p=redact", plain.Headers.GetValues("x-gateway-guardrails").Single());
        for (var seed = 1; seed < 4; seed++)
        {
            using var streamed = await AskAsync(edge, caller, path, stream: true, $"&recut={seed}");
            Assert.Equal(Caller.Text(answer), Caller.Text(await caller.StreamedAsync(streamed)));
        }

        Assert.All(await edge.RecordsAsync(4), static r => Assert.Equal((RequestOutcome.Completed, Operation.Passthrough), (r.Outcome, r.Operation)));
    }

    [Theory]
    [MemberData(nameof(Natives))]
    public async Task A_forbidden_answer_that_is_passed_through_is_refused_and_its_stream_ends_before_it(string path, DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: block, scopes: [ output ], terms: [ Falcon ], message: Not here. } ] }
            """));
        var caller = new Caller(dialect);
        using var plain = await AskAsync(edge, caller, path, stream: false);
        Assert.Contains("Not here.", (await caller.ErrorAsync(plain, 400)).Message, StringComparison.Ordinal);
        Assert.Equal("p=block", plain.Headers.GetValues("x-gateway-guardrails").Single());
        using var streamed = await AskAsync(edge, caller, path, stream: true, "&recut=2");
        var (events, _, _) = await caller.EventsAsync(streamed);
        var said = string.Concat(events.Where(static e => e is { Kind: ChatEventKind.Delta, PartKind: PartKind.Text or PartKind.Refusal }).Select(static e => e.Text));
        Assert.Equal("we saw a " + (dialect == DialectId.OpenAIResponses ? "" : "Not here."), said);
        Assert.Equal(dialect == DialectId.Anthropic ? FinishReason.Refusal : FinishReason.ContentFilter, Assert.Single(events, static e => e.Kind == ChatEventKind.Finish).Finish);
        Assert.Equal(ChatEventKind.End, events[^1].Kind);
        Assert.All(await edge.RecordsAsync(2), static r => Assert.True(r is { Outcome: RequestOutcome.ContentBlocked, ErrorCode: "content_blocked" } && r.Tokens.Input > 0, $"{r.Outcome} {r.ErrorCode} {r.Tokens.Input}"));
    }

    [Fact]
    public async Task What_was_taken_out_of_a_passed_request_is_put_back_into_its_answer()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: pseudonymize, scopes: [ input ], terms: [ Falcon ] } ] }
            """);
        foreach (var stream in (bool[])[false, true])
        {
            using var response = await edge.PostAsync("/passthrough/sim/v1/chat/completions", $$"""{"model":"sim?text=about%20[TERM_1]%20now&recut=3","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"the Falcon plan"}]}""");
            var caller = new Caller(DialectId.OpenAIChat);
            Assert.Equal("about Falcon now", Caller.Text(stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response)));
            Assert.Contains("the [TERM_1] plan", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("application/octet-stream", "\u0001falcon\u0000", true)]
    [InlineData("text/plain", "the falcon flies", false)]
    [InlineData("application/json", "{\"x\":[{\"anything\":\"the f\\u0061lcon flies\"}]}", false)]
    [InlineData("application/x-ndjson", "{\"message\":{\"role\":\"assistant\",\"content\":\"the fal\"},\"done\":false}\n{\"message\":{\"role\":\"assistant\",\"content\":\"con flies\"},\"done\":true}\n", false)]
    public async Task What_can_be_read_is_changed_and_what_cannot_is_what_the_policy_says(string type, string body, bool isUnseen)
    {
        await using var provider = new RawProvider($"HTTP/1.1 200 OK\nContent-Type: {type}\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\nConnection: close\n\n".ReplaceLineEndings("\r\n") + body);
        foreach (var isOpen in (bool[])[false, true])
        {
            await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl, $$"""
                guardrails:
                  p: { {{(isOpen ? "fail: open, " : "")}}appliesTo: {}, rules: [ { detector: keywords, action: mask, scopes: [ output ], terms: [ Falcon ] } ] }
                """));
            using var response = await edge.Client.GetAsync("/passthrough/sim/v1/anything", Cancel);
            if (isUnseen && !isOpen)
            {
                await EdgeHost.ErrorAsync(response, 400, "content_blocked");
                continue;
            }

            var text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(isUnseen, text.Contains("falcon", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(isUnseen ? "unseen=pass" : type.EndsWith("ndjson", StringComparison.Ordinal) ? null : "p=mask", response.Headers.TryGetValues("x-gateway-guardrails", out var told) ? told.Single() : null);
            if (type.EndsWith("ndjson", StringComparison.Ordinal))
            {
                Assert.Equal("the ****** flies", string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => (string)JsonNode.Parse(l)!["message"]!["content"]!)));
            }
        }
    }

    [Fact]
    public async Task A_rule_that_asks_others_and_gets_no_answer_lets_nothing_pass_plain_or_streamed()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, timeoutMilliseconds: 500, rules: [ { detector: webhook, action: block, scopes: [ output ], endpoint: { url: "http://127.0.0.1:9" } } ] }
            """);
        foreach (var more in (string[])["", "\"stream\":true"])
        {
            using var answer = await edge.PostAsync("/passthrough/sim/v1/chat/completions", EdgeHost.Chat("sim", more));
            await EdgeHost.ErrorAsync(answer, 503, "guardrail_unavailable");
        }
    }

    [Fact]
    public async Task The_official_client_reads_a_guarded_answer_that_is_passed_through()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Falcon ] } ] }
            """);
        var client = new OpenAI.OpenAIClient(new System.ClientModel.ApiKeyCredential(EdgeHost.Key), new OpenAI.OpenAIClientOptions { Endpoint = new Uri(edge.Address, "/passthrough/sim/v1") }).GetChatClient($"sim?{Falcon}&recut=3");
        var text = new StringBuilder();
        await foreach (var update in client.CompleteChatStreamingAsync([new OpenAI.Chat.UserChatMessage("hello")], cancellationToken: Cancel))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(static c => c.Text)));
        }

        Assert.Equal("we saw a [TERM] and a [TERM] fly", text.ToString());
        var whole = await client.CompleteChatAsync([new OpenAI.Chat.UserChatMessage("hello")], cancellationToken: Cancel);
        Assert.Equal(text.ToString(), whole.Value.Content[0].Text.Trim());
    }

    [Fact]
    public async Task Pictures_in_a_request_are_told_of()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: block, terms: [ Falcon ] } ] }
            """);
        using var response = await edge.PostAsync("/v1/chat/completions", """{"model":"sim?tokens=1","messages":[{"role":"user","content":[{"type":"text","text":"what is this"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("unseen=pass", response.Headers.GetValues("x-gateway-guardrails").Single());
    }

    private static Task<HttpResponseMessage> AskAsync(EdgeHost edge, Caller caller, string path, bool stream, string more = "")
    {
        var model = $"sim?{Falcon}{more}";
        path = path.Replace("sim%3FQ", Uri.EscapeDataString(model), StringComparison.Ordinal);
        if (stream)
        {
            path = path.Replace(":generateContent", ":streamGenerateContent?alt=sse", StringComparison.Ordinal).Replace("/converse", "/converse-stream", StringComparison.Ordinal);
        }

        return edge.PostAsync(path, caller.Body(model, "hello there", stream));
    }
}
