using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Tests.Support;
using Gateway.McpHub.Upstreams;
using Microsoft.AspNetCore.Http;

namespace Gateway.McpHub.Tests;

/// <summary>Servers that would have the hub go round without a pause: what they are asked is counted while the clock stands, and as it moves.</summary>
public sealed class SpinTests
{
    // Whoever asks more often than this goes round without a pause.
    private const int Many = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(":\n\n")]
    [InlineData("retry: 0\n\n")]
    [InlineData("id: 1\nretry: 0\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n")]
    public async Task A_stream_that_ends_at_once_is_opened_again_ever_later_whatever_the_server_asks_for(string events)
    {
        await using var server = await StubServer.StartAsync((http, message) => message switch
        {
            null => StubServer.EventsAsync(http, events),
            _ when (string?)message["method"] == "initialize" => StubServer.InitializeAsync(http, message),
            _ => Accepted(http),
        });
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url });
        var opened = await direct.Upstream.SessionAsync(DirectUpstream.Request(), Cancel);
        opened.Session!.OpenStream();

        // While the clock stands it waits.
        await DirectUpstream.UntilAsync(() => server.Count("GET") > 0, "It does not open a stream.");
        await SettledAsync(direct, server);
        Assert.Equal(1, server.Count("GET"));
        for (var second = 0; second < 600; second++)
        {
            direct.Clock.Advance(TimeSpan.FromSeconds(1));
            await SettledAsync(direct, server);
        }

        // Ten minutes: a few at first, then one a minute.
        Assert.InRange(server.Count("GET"), 8, 24);
    }

    [Fact]
    public async Task A_call_whose_stream_ends_again_and_again_is_given_up_after_a_few_waits()
    {
        await using var server = await StubServer.StartAsync((http, message) => message switch
        {
            null => StubServer.EventsAsync(http, "id: 1\nretry: 0\n\n"),
            _ when (string?)message["method"] == "initialize" => StubServer.InitializeAsync(http, message),
            _ when (string?)message["method"] == "tools/call" => StubServer.EventsAsync(http, "id: 0\nretry: 0\n\n"),
            _ => Accepted(http),
        });
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url, Timeout = TimeSpan.FromHours(1) });
        await direct.Upstream.SessionAsync(DirectUpstream.Request(), Cancel);
        await DirectUpstream.UntilAsync(() => direct.Clock.Waiting == 0, "The session does not come to rest.");
        var call = direct.Upstream.SendAsync(DirectUpstream.Request("tools/call", """{"name":"x"}""") with { MayRepeat = false }, Cancel).AsTask();

        // The time of the call, and the wait for its stream.
        await DirectUpstream.UntilAsync(() => direct.Clock.Waiting >= 2 || call.IsCompleted, "It does not wait.");
        Assert.False(call.IsCompleted);
        Assert.Equal(0, server.Count("GET"));
        for (var step = 0; step < 2000 && !call.IsCompleted; step++)
        {
            direct.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await DirectUpstream.UntilAsync(() => direct.Clock.Waiting >= 2 || call.IsCompleted, "It does not wait.");
        }

        Assert.Equal(UpstreamFaultKind.BrokenOff, (await call).Fault?.Kind);
        Assert.InRange(server.Count("GET"), 1, 10);
    }

    [Fact]
    public async Task A_server_that_answers_404_to_everything_is_asked_a_few_times_for_each_call()
    {
        await using var server = await StubServer.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url });
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(UpstreamFaultKind.Refused, (await direct.Upstream.SendAsync(DirectUpstream.Request(inSession: i % 2 == 0), Cancel)).Fault?.Kind);
        }

        Assert.InRange(server.Asked.Count, 20, 20 * 4);
    }

    [Fact]
    public async Task A_server_that_forgets_every_session_at_once_is_asked_for_two()
    {
        await using var server = await StubServer.StartAsync((http, message) =>
        {
            if ((string?)message?["method"] == "initialize")
            {
                return StubServer.InitializeAsync(http, message);
            }

            http.Response.StatusCode = message?["id"] is null ? 202 : 404;
            return Task.CompletedTask;
        });
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url });

        Assert.Equal(UpstreamFaultKind.SessionLost, (await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault?.Kind);
        Assert.Equal(2, server.Count("initialize"));
    }

    [Fact]
    public async Task Sessions_that_end_as_soon_as_they_stand_are_begun_twice_for_a_call()
    {
        var settings = new UpstreamSettings { Id = "s" };
        var clock = new ManualClock();
        var begun = 0;
        await using var pool = new SessionPool(
            (_, _, _) =>
            {
                Assert.InRange(++begun, 1, Many);
                return Task.FromResult(new Opened(new UpstreamSession(new StubWire(isAlive: false), settings, new HubIdentity(new ServiceDefaults.ServiceIdentity("mcphub")), null, _ => { }, clock), default));
            },
            settings,
            clock);

        var opened = await pool.GetAsync(new SessionKey("", false, null, ""), DirectUpstream.Request(), Cancel);

        Assert.Equal((UpstreamFaultKind.Unreachable, 2), (opened.Reply.Fault?.Kind, begun));
        Assert.Equal(0, pool.Count);
    }

    [Fact]
    public async Task A_session_that_cannot_be_begun_is_tried_once_for_a_call_also_where_that_is_known_at_once()
    {
        var settings = new UpstreamSettings { Id = "s" };
        var clock = new ManualClock();
        var begun = 0;
        await using var pool = new SessionPool(
            (_, _, _) => Task.FromResult(++begun < Many
                ? new Opened(null, UpstreamReply.Failed(Faults.Down("s", "it ended")))
                : new Opened(new UpstreamSession(new StubWire(isAlive: true), settings, new HubIdentity(new ServiceDefaults.ServiceIdentity("mcphub")), null, _ => { }, clock), default)),
            settings,
            clock);

        // As of a program that may not be started yet: nothing of it waits.
        var opened = await pool.GetAsync(new SessionKey("", false, null, ""), DirectUpstream.Request(), Cancel);

        Assert.Equal((UpstreamFaultKind.Unreachable, 1), (opened.Reply.Fault?.Kind, begun));
    }

    [Fact]
    public async Task A_server_without_a_valid_address_is_told_of_at_once()
    {
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = "ftp://nowhere" });

        Assert.Equal(UpstreamFaultKind.Unreachable, (await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault?.Kind);
    }

    [Fact]
    public async Task The_older_transport_whose_stream_ends_at_once_is_opened_a_few_times_for_each_call()
    {
        await using var server = await StubServer.StartAsync((http, message) => message is null ? StubServer.EventsAsync(http, "event: endpoint\ndata: /mcp\n\n") : Accepted(http));
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url, Transport = UpstreamTransport.Sse });
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault);
        }

        Assert.InRange(server.Count("GET"), 10, 40);
    }

    [Fact]
    public async Task A_stream_of_changes_that_ends_at_once_is_asked_for_ever_later()
    {
        await using var server = await StubServer.StartAsync((http, message) => (string?)message?["method"] switch
        {
            "server/discover" => StubServer.ResultAsync(http, message!, """{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"ttlMs":0,"cacheScope":"private"}"""),
            "subscriptions/listen" => StubServer.ResultAsync(http, message!, """{"resultType":"complete"}"""),
            _ => Accepted(http),
        });
        await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Url = server.Url });
        await direct.Upstream.SessionAsync(DirectUpstream.Request(inSession: false), Cancel);
        await DirectUpstream.UntilAsync(() => server.Count("subscriptions/listen") > 0, "It does not listen.");
        for (var second = 0; second < 600; second++)
        {
            direct.Clock.Advance(TimeSpan.FromSeconds(1));
            await SettledAsync(direct, server);
        }

        Assert.InRange(server.Count("subscriptions/listen"), 8, 24);
    }

    [Fact]
    public async Task A_program_that_ends_at_once_is_started_again_ever_later()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The fixture is a shell script.");
        var starts = Path.GetTempFileName();
        try
        {
            var stdio = new StdioSettings { Command = "/bin/sh", Arguments = ["-c", $"echo x >> '{starts}'"] };
            await using var direct = new DirectUpstream(new UpstreamSettings { Id = "s", Transport = UpstreamTransport.Stdio, Stdio = stdio });
            var counts = new int[3];
            for (var round = 0; round < counts.Length; round++)
            {
                for (var i = 0; i < 10; i++)
                {
                    Assert.NotNull((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault);
                }

                counts[round] = File.ReadAllLines(starts).Length;
                direct.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.Equal([1, 2, 3], counts);
        }
        finally
        {
            File.Delete(starts);
        }
    }

    [Fact]
    public void Changes_without_end_are_told_once_a_second()
    {
        var clock = new ManualClock();
        List<UpstreamChange> told = [];
        using var bursts = new ChangeBursts(told.Add, clock);
        for (var second = 0; second < 5; second++)
        {
            for (var i = 0; i < 1000; i++)
            {
                bursts.Note(new UpstreamChange("s", UpstreamChangeKind.Tools));
                bursts.Note(new UpstreamChange("s", UpstreamChangeKind.Resource, "fix://a") { Parameters = JsonBytes.Utf8($"{i}") });
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        // The first at once, and the last of each second, so that nothing stays untold.
        Assert.Equal(6, told.Count(c => c.Kind == UpstreamChangeKind.Tools));
        Assert.Equal("999", System.Text.Encoding.UTF8.GetString(told[^1].Parameters.Span));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(12, told.Count);
        bursts.Note(new UpstreamChange("s", UpstreamChangeKind.Tools));
        Assert.Equal(13, told.Count);
        Assert.Equal(1, clock.Waiting);
    }

    [Fact]
    public void Line_ends_are_taken_out_in_one_pass()
    {
        var json = new byte[4 * 1024 * 1024];
        Array.Fill(json, (byte)'\n');
        json[0] = (byte)'{';
        json[^1] = (byte)'}';

        JsonBytes.OneLine(json);

        Assert.Equal(-1, json.AsSpan().IndexOfAny((byte)'\r', (byte)'\n'));
        Assert.Equal((byte)'}', json[^1]);
    }

    private static Task Accepted(HttpContext http)
    {
        http.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    // What is to be done is done when only the clock can bring it on, or when it goes round.
    private static Task SettledAsync(DirectUpstream direct, StubServer server)
        => DirectUpstream.UntilAsync(() => direct.Clock.Waiting > 0 || server.Asked.Count > Many, "It neither waits nor asks.");

    private sealed class StubWire(bool isAlive) : Wire
    {
        public override bool IsAlive => isAlive;

        public override ValueTask<UpstreamReply> RequestAsync(WireRequest request, CancellationToken cancellation) => throw new NotSupportedException();

        public override ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation) => throw new NotSupportedException();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
