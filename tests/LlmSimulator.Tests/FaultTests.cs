using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gateway.LlmSimulator.Tests;

/// <summary>Each fault once.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("status=400", 400, null)]
    [InlineData("status=401", 401, "invalid_api_key")]
    [InlineData("status=404", 404, "model_not_found")]
    [InlineData("status=429&error=insufficient_quota", 429, "insufficient_quota")]
    [InlineData("status=500", 500, null)]
    [InlineData("status=503&error=overloaded", 503, "overloaded")]
    public async Task Errors_have_the_shape_of_openai(string knobs, int status, string? code)
    {
        await using var client = await Client.StartAsync();
        using var response = await client.PostAsync("/v1/chat/completions", Client.Streamed("m?" + knobs));
        Assert.Equal(status, (int)response.StatusCode);
        var error = Client.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("type").GetString()!);
    }

    [Fact]
    public async Task A_429_says_when_to_come_back_and_good_answers_can_show_their_limits()
    {
        await using var client = await Client.StartAsync();
        using var refused = await client.PostAsync("/v1/chat/completions", Client.Chat("m?status=429&retryAfter=2"));
        Assert.Equal("2", refused.Headers.GetValues("retry-after").Single());
        Assert.Equal("0", refused.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.Equal("2s", refused.Headers.GetValues("x-ratelimit-reset-tokens").Single());
        using var good = await client.PostAsync("/v1/chat/completions", Client.Chat("m?rateHeaders=1"));
        Assert.Equal("9999", good.Headers.GetValues("x-ratelimit-remaining-requests").Single());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    public async Task A_cut_stream_carries_exactly_so_many_bytes_and_no_end(int bytes)
    {
        await using var client = await Client.StartAsync();
        var whole = Body((await client.RawAsync(Client.Streamed("m"), t => t.EndsWith("0\r\n\r\n", StringComparison.Ordinal))).Text);
        var (text, error) = await client.RawAsync(Client.Streamed($"m?cut={bytes}"));
        Assert.Null(error);
        Assert.DoesNotContain("\r\n0\r\n", text, StringComparison.Ordinal);
        var got = Body(text);
        Assert.Equal(bytes, System.Text.Encoding.UTF8.GetByteCount(got));
        Assert.StartsWith(got.Replace("chatcmpl-1-2", "chatcmpl-1-1", StringComparison.Ordinal), whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_plain_answer_breaks_before_its_content_length()
    {
        await using var client = await Client.StartAsync();
        _ = await Assert.ThrowsAsync<HttpRequestException>(() => client.TextAsync(Client.Chat("m?cut=100")));
    }

    [Fact]
    public async Task Reset_is_a_tcp_reset_and_drop_gives_no_answer_at_all()
    {
        await using var client = await Client.StartAsync();
        Assert.Equal(SocketError.ConnectionReset, (await client.RawAsync(Client.Chat("m?drop=1&reset=1"))).Error);
        Assert.Equal(("", null), await client.RawAsync(Client.Chat("m?drop=1")));
    }

    [Fact]
    public async Task Truncated_bodies_end_cleanly()
    {
        await using var client = await Client.StartAsync();
        var plain = await client.TextAsync(Client.Chat("m?truncate=50"));
        Assert.Equal(50, plain.Length);
        _ = Assert.ThrowsAny<JsonException>(() => Client.Parse(plain));
        Assert.Equal(120, (await client.TextAsync(Client.Streamed("m?truncate=120"))).Length);
    }

    [Fact]
    public async Task A_stream_can_end_without_done_or_unfinished()
    {
        await using var client = await Client.StartAsync();
        var noDone = Client.Data(await client.TextAsync(Client.Streamed("m?tokens=2&noDone")));
        Assert.Equal("stop", Client.Parse(noDone[^1]).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(3, Client.Data(await client.TextAsync(Client.Streamed("m?endAfter=3"))).Count);
    }

    [Fact]
    public async Task The_nth_event_can_be_broken_or_an_error()
    {
        await using var client = await Client.StartAsync();
        var broken = Client.Data(await client.TextAsync(Client.Streamed("m?tokens=4&malformed=3")));
        _ = Client.Parse(broken[1]);
        _ = Assert.ThrowsAny<JsonException>(() => Client.Parse(broken[2]));
        Assert.Equal("[DONE]", broken[^1]);
        var failed = Client.Data(await client.TextAsync(Client.Streamed("m?streamError=2&error=overloaded")));
        Assert.Equal(2, failed.Count);
        Assert.Equal("overloaded", Client.Parse(failed[1]).GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Small_writes_cut_inside_characters_and_still_add_up()
    {
        await using var client = await Client.StartAsync();
        var whole = await client.TextAsync(Client.Streamed("m?tokens=30&text=%E6%97%A5%E6%9C%AC%20%F0%9F%99%82"));
        var (raw, _) = await client.RawAsync(Client.Streamed("m?tokens=30&text=%E6%97%A5%E6%9C%AC%20%F0%9F%99%82&chunk=1"), t => t.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        Assert.Contains("\r\n1\r\n", raw, StringComparison.Ordinal);
        Assert.Contains("日本", whole, StringComparison.Ordinal);
        Assert.Equal(whole, (await client.TextAsync(Client.Streamed("m?tokens=30&text=%E6%97%A5%E6%9C%AC%20%F0%9F%99%82&chunk=1"))).Replace("chatcmpl-1-3", "chatcmpl-1-1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("latency=150", false)]
    [InlineData("ttft=150", true)]
    [InlineData("rate=20&tokens=4", true)]
    [InlineData("slowBody=15&chunk=50&tokens=16", false)]
    [InlineData("slowHeaders=1", false)]
    public async Task Delays_take_at_least_their_time(string knobs, bool stream)
    {
        await using var client = await Client.StartAsync();
        var clock = Stopwatch.StartNew();
        var text = await client.TextAsync(stream ? Client.Streamed("m?" + knobs) : Client.Chat("m?" + knobs));
        Assert.True(clock.ElapsedMilliseconds >= 145, $"took {clock.ElapsedMilliseconds} ms");
        Assert.True(stream ? text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal) : Client.Parse(text).TryGetProperty("usage", out _));
    }

    [Fact]
    public async Task Jitter_delays_some_and_differs_by_request()
    {
        await using var client = await Client.StartAsync();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 8; i++)
        {
            _ = await client.ChatAsync("m?jitter=40");
        }

        var drawn = Enumerable.Range(1, 8).Select(n => Answers.Dice.Below(41, 1, n)).ToList();
        Assert.True(drawn.Distinct().Count() > 3);
        Assert.True(clock.ElapsedMilliseconds >= drawn.Sum() - 8);
    }

    [Theory]
    [InlineData("firstByte", "\r\n\r\n")]
    [InlineData("body", "\"content\":\"")]
    [InlineData("end", "\"finish_reason\":\"stop\"")]
    public async Task A_stall_lasts_until_the_client_leaves_which_is_counted(string phase, string seen)
    {
        await using var client = await Client.StartAsync();
        var (text, _) = await client.RawAsync(Client.Streamed("m?stall=" + phase), t => t.Contains(seen, StringComparison.Ordinal));
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => client.Host.Stats is { Active: 0, AbortedByClient: 1 });
    }

    [Fact]
    public async Task A_stall_before_the_headers_ends_when_the_simulator_stops()
    {
        await using var client = await Client.StartAsync();
        var waiting = client.PostAsync("/v1/chat/completions", Client.Chat("m?stall=headers"));
        await Eventually.TrueAsync(() => client.Host.Stats.Active == 1);
        Assert.False(waiting.IsCompleted);
        await client.Host.DisposeAsync();
        _ = await Assert.ThrowsAsync<HttpRequestException>(() => waiting);
    }

    [Fact]
    public async Task Wrong_bodies_and_content_types_are_sent_as_told()
    {
        await using var client = await Client.StartAsync();
        using var html = await client.PostAsync("/v1/chat/completions", Client.Streamed("m?html=1"));
        Assert.Equal((HttpStatusCode.OK, "text/html"), (html.StatusCode, html.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("<html>", await html.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var claimed = await client.PostAsync("/v1/chat/completions", Client.Streamed("m?contentType=application/octet-stream"));
        Assert.Equal("application/octet-stream", claimed.Content.Headers.ContentType!.MediaType);
        Assert.Equal("", await client.TextAsync(Client.Chat("m?empty=1")));
        using var bad = await client.PostAsync("/v1/chat/completions", Client.Chat("m?status=502&html=1"));
        Assert.Equal((HttpStatusCode.BadGateway, "text/html"), (bad.StatusCode, bad.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Events_can_be_padded_to_a_size_and_one_line_huge()
    {
        await using var client = await Client.StartAsync();
        var events = (await client.TextAsync(Client.Streamed("m?tokens=4&eventBytes=300"))).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(events[..^1], e => Assert.Equal(300, System.Text.Encoding.UTF8.GetByteCount(e) + 2));
        var huge = (await client.TextAsync(Client.Streamed("m?tokens=4&huge=100000"))).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100_000, huge[0].Length + 2);
        Assert.Equal(100_000, (await client.TextAsync(Client.Chat("m?huge=100000&text=x"))).Length);
    }

    [Fact]
    public async Task Comments_and_carriage_returns_are_legal_sse()
    {
        await using var client = await Client.StartAsync();
        var text = await client.TextAsync(Client.Streamed("m?tokens=2&comments&crlf"));
        Assert.Equal(4, text.Split(": simulator processing\r\n\r\n").Length - 1);
        Assert.Equal(text.Count(c => c == '\n'), text.Count(c => c == '\r'));
        Assert.Equal(5, Client.Data(text).Count);
    }

    [Fact]
    public async Task Stamps_are_the_time_of_sending_on_the_monotonic_clock()
    {
        await using var client = await Client.StartAsync();
        var before = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        var stamps = Client.Data(await client.TextAsync(Client.Streamed("m?tokens=4&rate=100&stamp")))[..^1].ConvertAll(d => Client.Parse(d).GetProperty("x_sent_us").GetInt64());
        Assert.True(stamps[0] >= before);
        Assert.True(stamps[4] - stamps[1] >= 28_000);
        Assert.True(stamps[^1] <= Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
    }

    /// <summary>The body of a raw chunked answer with its framing undone.</summary>
    private static string Body(string raw)
    {
        var rest = raw[(raw.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var bytes = System.Text.Encoding.UTF8.GetBytes(rest);
        var body = new MemoryStream();
        for (var at = 0; at < bytes.Length;)
        {
            var line = Array.IndexOf(bytes, (byte)'\r', at);
            var size = Convert.ToInt32(System.Text.Encoding.ASCII.GetString(bytes, at, line - at), 16);
            body.Write(bytes, line + 2, Math.Min(size, bytes.Length - line - 2));
            at = line + 2 + size + 2;
        }

        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }
}
