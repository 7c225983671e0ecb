using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Realtime;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Realtime;

public sealed class RealtimeTests
{
    private const string Create = """{"type":"response.create"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/realtime?model=sim", null)]
    [InlineData("/openai/realtime?api-version=2025-04-01-preview&deployment=sim", null)]
    [InlineData("/openai/v1/realtime?model=sim", null)]
    [InlineData("/v1/realtime?model=sim", "realtime")]
    public async Task A_session_runs_and_is_recorded_once(string path, string? protocol)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var socket = await ConnectAsync(edge, path, protocol))
        {
            Assert.Equal(protocol, socket.SubProtocol);
            Assert.Equal("session.created", await TypeAsync(socket));
            await SendAsync(socket, """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello there"}]}}""");
            Assert.Equal("conversation.item.added", await TypeAsync(socket));
            for (var i = 0; i < 2; i++)
            {
                await SendAsync(socket, Create);
                await UntilAsync(socket, "response.done");
            }

            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Cancel);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((Operation.Realtime, RequestOutcome.Completed, "sim", "sim", 101), (record.Operation, record.Outcome, record.Model, record.DeploymentId, record.Status));
        Assert.True(record.Tokens.Input > 0 && record.Tokens.Output > 0);
        Assert.True(record.CostNanoUsd > 0);
        Assert.False(record.Estimated);
    }

    [Fact]
    public async Task A_browser_puts_its_key_among_the_subprotocols()
    {
        await using var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { ApiKey = "sk-provider-secret-1234567890" }, Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("realtime");
        socket.Options.AddSubProtocol("openai-insecure-api-key." + EdgeHost.Key);
        await socket.ConnectAsync(Address(edge, "/v1/realtime?model=sim"), Cancel);
        Assert.Equal("realtime", socket.SubProtocol);
        Assert.Equal("session.created", await TypeAsync(socket));
    }

    [Theory]
    [InlineData("/v1/realtime?model=sim", "gw-wrong", 401)]
    [InlineData("/v1/realtime?model=other", EdgeHost.Key, 404)]
    [InlineData("/v1/realtime", EdgeHost.Key, 400)]
    public async Task What_is_refused_is_refused_before_the_upgrade(string path, string key, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        Assert.Equal(status, await RefusedAsync(edge, path, key));
    }

    [Fact]
    public async Task A_plain_request_is_told_what_to_do()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        await EdgeHost.ErrorAsync(await edge.Client.GetAsync("/v1/realtime?model=sim", Cancel), 400, "invalid_value");
        await EdgeHost.ErrorAsync(await edge.PostAsync("/v1/realtime?model=sim", "{}"), 405, "method_not_allowed");
    }

    [Theory]
    [InlineData("sim?status=401", 502)]
    [InlineData("sim?status=429", 429)]
    [InlineData("sim?status=400", 400)]
    [InlineData("sim?status=500", 502)]
    public async Task A_providers_refusal_is_an_error_before_the_upgrade(string model, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        Assert.Equal(status, await RefusedAsync(edge, "/v1/realtime?model=" + Uri.EscapeDataString(model), EdgeHost.Key));
        Assert.Equal(RequestOutcome.UpstreamUnavailable == (await edge.RecordsAsync(1))[0].Outcome, status != 400);
    }

    [Fact]
    public async Task A_dead_provider_is_a_502()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl);
        await simulator.DisposeAsync();
        await using var edge = await EdgeHost.StartAsync(yaml);
        Assert.Equal(502, await RefusedAsync(edge, "/v1/realtime?model=sim", EdgeHost.Key));
    }

    [Fact]
    public async Task A_budget_without_room_ends_the_session_with_an_error_event()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        // Room for what the first response may take at most (32,000 tokens in at 1 and 4,096 out at 2 dollars a million), and hardly more.
        await using var edge = await EdgeHost.StartAsync(simulator, "budgets: { b: { limitUsd: 0.0402, window: total } }", ", budgets: [b]");
        using (var socket = await ConnectAsync(edge, "/v1/realtime?model=sim%3Ftokens%3D50"))
        {
            await SendAsync(socket, Create);
            await UntilAsync(socket, "response.done");
            var error = await UntilAsync(socket, "error");
            Assert.Equal("budget_exceeded", (string?)error["error"]!["code"]);
            Assert.Equal((null, WebSocketCloseStatus.PolicyViolation), (await ReceiveAsync(socket), socket.CloseStatus));
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(("budget_exceeded", 50L), (record.ErrorCode, record.Tokens.Output));
    }

    [Fact]
    public async Task A_budget_that_is_too_small_from_the_start_refuses_the_session()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "budgets: { b: { limitUsd: 0.01, window: total } }", ", budgets: [b]");
        Assert.Equal(402, await RefusedAsync(edge, "/v1/realtime?model=sim", EdgeHost.Key));
    }

    [Fact]
    public async Task A_blocked_term_does_not_reach_the_provider_and_the_session_goes_on()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { blockedTerms: [forbidden] }");
        using var socket = await ConnectAsync(edge, "/v1/realtime?model=sim");
        Assert.Equal("session.created", await TypeAsync(socket));
        await SendAsync(socket, """{"type":"conversation.item.create","item":{"content":[{"type":"input_text","text":"f\u006frbidden"}]}}""");
        var error = await UntilAsync(socket, "error");
        Assert.Equal("content_blocked", (string?)error["error"]!["code"]);
        await SendAsync(socket, Create);
        await UntilAsync(socket, "response.done");
    }

    [Fact]
    public async Task What_a_model_says_is_changed_and_what_was_taken_out_is_put_back()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: redact, scopes: [ output ], terms: [ Falcon ] }, { detector: regex, action: pseudonymize, scopes: [ input ], patterns: [ "Kranich" ] } ] }
            """);
        using var socket = await ConnectAsync(edge, "/v1/realtime?model=" + Uri.EscapeDataString("sim?text=a%20falcon%20for%20[MATCH_1]%20now&recut=3"));
        Assert.Equal("session.created", await TypeAsync(socket));
        await SendAsync(socket, """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"write to Kranich"}]}}""");
        Assert.Equal("write to Kranich", (string?)(await UntilAsync(socket, "conversation.item.added"))["item"]!["content"]![0]!["text"]);
        await SendAsync(socket, Create);
        var text = new StringBuilder();
        while (await ReceiveAsync(socket) is { } message)
        {
            switch ((string?)message["type"])
            {
                case "response.output_text.delta":
                    text.Append((string?)message["delta"]);
                    break;
                case "response.output_text.done":
                    Assert.Equal(text.ToString(), (string?)message["text"]);
                    break;
                case "response.done":
                    Assert.Equal(text.ToString(), (string?)message["response"]!["output"]![0]!["content"]![0]!["text"]);
                    Assert.StartsWith("a [TERM] for ", text.ToString(), StringComparison.Ordinal);
                    Assert.Contains(" Kranich ", text.ToString(), StringComparison.Ordinal);
                    return;
            }
        }

        Assert.Fail("the session ended");
    }

    [Fact]
    public async Task A_forbidden_response_ends_before_it_and_the_session_goes_on()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: block, scopes: [ output ], terms: [ Falcon ] } ] }
            """);
        using (var socket = await ConnectAsync(edge, "/v1/realtime?model=" + Uri.EscapeDataString("sim?text=this%20is%20fine%20but%20falcon%20is%20not&recut=5")))
        {
            for (var i = 0; i < 2; i++)
            {
                await SendAsync(socket, Create);
                var said = new StringBuilder();
                JsonNode message;
                while ((string?)(message = (await ReceiveAsync(socket))!)["type"] != "error")
                {
                    Assert.DoesNotContain("falcon", message.ToJsonString().Replace("%20falcon%20", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
                    said.Append((string?)message["delta"]);
                }

                Assert.Equal("content_blocked", (string?)message["error"]!["code"]);
                Assert.Equal("this is fine but ", said.ToString());
                var done = await UntilAsync(socket, "response.done");
                Assert.Equal(("incomplete", "content_filter", 0), ((string?)done["response"]!["status"], (string?)done["response"]!["status_details"]!["reason"], done["response"]!["output"]!.AsArray().Count));
            }
        }

        Assert.True(Assert.Single(await edge.RecordsAsync(1)).Tokens.Output > 0);
    }

    [Fact]
    public async Task A_provider_that_vanishes_ends_the_session_with_an_error_event()
    {
        var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var socket = await ConnectAsync(edge, "/v1/realtime?model=sim"))
        {
            Assert.Equal("session.created", await TypeAsync(socket));
            await simulator.DisposeAsync();
            var error = await UntilAsync(socket, "error");
            Assert.Equal("upstream_cut", (string?)error["error"]!["code"]);
            Assert.Equal((null, WebSocketCloseStatus.InternalServerError), (await ReceiveAsync(socket), socket.CloseStatus));
        }

        Assert.Equal(RequestOutcome.UpstreamCut, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_caller_that_vanishes_is_settled_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var socket = await ConnectAsync(edge, "/v1/realtime?model=sim%3Ftokens%3D3"))
        {
            await SendAsync(socket, Create);
            await UntilAsync(socket, "response.done");
            socket.Abort();
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, 3L), (record.Outcome, record.Tokens.Output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_response_whose_caller_left_is_waited_for_where_answers_are_drained(bool drains)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, $"settings: {{ onAbandon: {(drains ? "drain" : "abort")} }}");
        using (var socket = await ConnectAsync(edge, "/v1/realtime?model=sim%3Ftokens%3D40%26rate%3D20"))
        {
            await SendAsync(socket, Create);
            await UntilAsync(socket, "response.created");
            socket.Abort();
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((RequestOutcome.ClientCancelled, !drains), (record.Outcome, record.Estimated));
        Assert.True(drains ? record.Tokens.Output == 40 : record.Tokens.Output < 40, $"{record.Tokens.Output} tokens");
    }

    [Fact]
    public async Task A_stop_ends_sessions_when_their_time_is_over()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var socket = await ConnectAsync(edge, "/v1/realtime?model=sim");
        Assert.Equal("session.created", await TypeAsync(socket));
        var stopping = edge.StopAsync();
        var error = await UntilAsync(socket, "error");
        Assert.Equal("stopping", (string?)error["error"]!["code"]);
        Assert.Equal((null, WebSocketCloseStatus.EndpointUnavailable), (await ReceiveAsync(socket), socket.CloseStatus));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopping;
    }

    [Fact]
    public async Task Large_messages_pass_and_too_large_ones_end_the_session()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var socket = await ConnectAsync(edge, "/v1/realtime?model=sim");
        Assert.Equal("session.created", await TypeAsync(socket));
        await SendAsync(socket, $$$"""{"type":"conversation.item.create","item":{"text":"{{{new string('x', 400_000)}}}"}}""");
        Assert.Equal(400_000, (await UntilAsync(socket, "conversation.item.added"))["item"]!["text"]!.GetValue<string>().Length);
        await SendAsync(socket, new string(' ', RealtimeSide.MaxMessageBytes + 1));
        await UntilAsync(socket, "error");
        Assert.Equal((null, WebSocketCloseStatus.MessageTooBig), (await ReceiveAsync(socket), socket.CloseStatus));
    }

    [Theory]
    [InlineData(null, 1000)]
    [InlineData(1000, 1000)]
    [InlineData(1005, 1000)]
    [InlineData(1006, 1011)]
    [InlineData(1008, 1008)]
    [InlineData(1015, 1011)]
    [InlineData(4000, 4000)]
    [InlineData(7, 1011)]
    public void Close_codes_that_may_not_be_sent_are_not(int? received, int sent) => Assert.Equal(sent, (int)RealtimeEvents.Sendable((WebSocketCloseStatus?)received));

    [Fact]
    public void Usage_is_disjoint()
    {
        const string done = """{"type":"response.done","response":{"usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64,"cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}}}""";
        var counts = RealtimeUsage.Read(Encoding.UTF8.GetBytes(done))!.Value;
        Assert.Equal((59L, 60L, 9L, 4L, 30L, 91L, 253L), (counts.Input, counts.CacheRead, counts.AudioInput, counts.AudioCacheRead, counts.Output, counts.AudioOutput, counts.Total));
        Assert.Null(RealtimeUsage.Read("""{"type":"x","text":"response.done"}"""u8.ToArray()));
        Assert.Null(RealtimeUsage.Read("response.done"u8.ToArray()));
        Assert.Null(RealtimeUsage.Read("""{"type":"response.done","response":null}"""u8.ToArray()));
    }

    private static Uri Address(EdgeHost edge, string path) => new(new Uri(edge.Address.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal)), path);

    private static async Task<ClientWebSocket> ConnectAsync(EdgeHost edge, string path, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + EdgeHost.Key);
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(Address(edge, path), Cancel);
        return socket;
    }

    private static async Task<int> RefusedAsync(EdgeHost edge, string path, string key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("api-key", key);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(edge, path), Cancel));
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, socket.HttpStatusCode);
        return (int)socket.HttpStatusCode;
    }

    private static Task SendAsync(ClientWebSocket socket, string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, Cancel);

    private static async Task<string?> TypeAsync(ClientWebSocket socket) => (string?)(await ReceiveAsync(socket))?["type"];

    private static async Task<JsonNode> UntilAsync(ClientWebSocket socket, string type)
    {
        while (true)
        {
            var json = await ReceiveAsync(socket);
            Assert.NotNull(json);
            if ((string?)json["type"] == type)
            {
                return json;
            }
        }
    }

    private static async Task<JsonNode?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        using var whole = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, Cancel);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonNode.Parse(whole.ToArray());
            }
        }
    }
}
