using System.Net.WebSockets;
using System.Text;
using Gateway.Contracts.Usage;
using Gateway.Edge.Realtime;
using Gateway.LlmSimulator;
using static Gateway.Edge.Tests.Realtime.RealtimeSockets;

namespace Gateway.Edge.Tests.Realtime;

public sealed class RealtimeTests
{

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
}
