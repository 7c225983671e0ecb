using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Pipeline;

public sealed class StreamTests
{
    private const string Stream = "\"stream\":true";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(17)]
    public async Task A_stream_arrives_as_if_the_provider_had_been_called_directly(int chunk)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var model = $"sim?tokens=12&seed=5&comments=1&chunk={chunk}";
        using var direct = new HttpClient();
        var expected = await Payloads(await direct.PostAsync(
            new Uri(simulator.BaseUrl + "/chat/completions"), new StringContent(EdgeHost.Chat(model, Stream), System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken));
        var got = await Payloads(await edge.ChatAsync(model, Stream));
        Assert.Equal(expected.Select(Comparable), got.Select(Comparable));
        Assert.Equal("[DONE]", got[^1]);
        Assert.DoesNotContain(got, static p => p.Contains("usage", StringComparison.Ordinal));

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(12, record.Tokens.Output);
        Assert.False(record.Estimated);
        Assert.Equal(RequestOutcome.Completed, record.Outcome);
        Assert.True(record.Stream);
    }

    [Fact]
    public async Task Usage_is_shown_to_a_caller_who_asked_for_it()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var got = await Payloads(await edge.ChatAsync("sim?tokens=3", Stream + ",\"stream_options\":{\"include_usage\":true}"));
        Assert.Equal(3, JsonNode.Parse(got[^2])!["usage"]!["completion_tokens"]!.GetValue<int>());
        Assert.All(got.Take(got.Count - 2), static p => Assert.Contains("\"usage\":null", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("cut=700", "upstream_cut")]
    [InlineData("runningUsage=1&cut=1500", "upstream_cut")]
    [InlineData("noDone=1", "upstream_cut")]
    [InlineData("malformed=3", "upstream_invalid_response")]
    [InlineData("endAfter=2", "upstream_cut")]
    public async Task A_stream_that_breaks_ends_with_an_error_event_and_without_done(string fault, string code)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var got = await BrokenPayloads(await edge.ChatAsync($"sim?tokens=20&{fault}", Stream));
        Assert.DoesNotContain("[DONE]", got);
        var error = JsonNode.Parse(got[^1])!["error"]!;
        Assert.Equal(code, error["code"]!.GetValue<string>());
        Assert.Equal("upstream", error["fault"]!.GetValue<string>());
        Assert.All(got.SkipLast(1), static p => Assert.NotNull(JsonNode.Parse(p)!["choices"]));
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.UpstreamCut, record.Outcome);
        Assert.Equal(code, record.ErrorCode);
        Assert.True(record.Estimated || fault.StartsWith("noDone", StringComparison.Ordinal));
        Assert.True(record.CostNanoUsd > 0);
    }

    [Fact]
    public async Task A_stream_cut_at_any_byte_never_looks_complete()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var whole = (await (await edge.ChatAsync("sim?tokens=2&seed=3", Stream)).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
        var records = 1;
        for (var cut = 1; cut < whole; cut += 13)
        {
            using var response = await edge.ChatAsync($"sim?tokens=2&seed=3&cut={cut}", Stream);
            var (text, isBroken) = await ReadAsync(response);
            Assert.Equal(response.IsSuccessStatusCode, isBroken);
            Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
            Assert.Contains("\"error\"", text, StringComparison.Ordinal);
            records++;
        }

        await edge.RecordsAsync(records);
    }

    [Fact]
    public async Task A_stream_that_stalls_ends_in_time()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl).Replace("apiKey:", "timeouts: { idleMs: 300 }, apiKey:", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        var got = await BrokenPayloads(await edge.ChatAsync("sim?tokens=20&stall=body", Stream));
        Assert.Equal("upstream_stalled", JsonNode.Parse(got[^1])!["error"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_error_event_of_the_provider_is_passed_on_and_nothing_is_added()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var got = await BrokenPayloads(await edge.ChatAsync("sim?tokens=20&streamError=3", Stream));
        Assert.Single(got, static p => p.Contains("\"error\"", StringComparison.Ordinal));
        Assert.Equal(RequestOutcome.UpstreamError, Assert.Single(await edge.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_stream_that_outlives_a_graceful_stop_is_told_so_and_recorded()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var folder = Directory.CreateTempSubdirectory("edge-test-").FullName;
        var yaml = EdgeHost.Configuration(simulator.BaseUrl);
        await using (var edge = await EdgeHost.StartAsync(yaml, folder, keepsFolder: true))
        {
            using var response = await edge.ChatAsync("sim?tokens=10000&rate=50", Stream);
            var reading = BrokenPayloads(response);
            await edge.StopAsync();
            var got = await reading;
            Assert.Equal("stopping", JsonNode.Parse(got[^1])!["error"]!["code"]!.GetValue<string>());
            Assert.DoesNotContain("[DONE]", got);
        }

        await using var again = await EdgeHost.StartAsync(yaml, folder);
        Assert.Equal(RequestOutcome.GatewayStopped, Assert.Single(await again.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task A_caller_who_leaves_stops_the_provider_and_pays_for_what_was_made()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var response = await edge.ChatAsync("sim?tokens=1000&rate=20", Stream))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[600], TestContext.Current.CancellationToken);
        }

        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.ClientCancelled, record.Outcome);
        Assert.Equal(499, record.Status);
        Assert.True(record.Estimated);
        Assert.InRange(record.Tokens.Output, 1, 200);
        await Eventually.TrueAsync(() => simulator.Stats.Active == 0, "the provider's stream goes on");
    }

    private static async Task<List<string>> Payloads(HttpResponseMessage response)
    {
        using (response)
        {
            var (text, isBroken) = await ReadAsync(response);
            Assert.False(isBroken, text);
            return Events(response, text);
        }
    }

    // A client that skips the error event must not take the end of the body for the end of the answer: the body has no end.
    private static async Task<List<string>> BrokenPayloads(HttpResponseMessage response)
    {
        using (response)
        {
            var (text, isBroken) = await ReadAsync(response);
            Assert.True(isBroken, text);
            return Events(response, text);
        }
    }

    private static List<string> Events(HttpResponseMessage response, string text)
    {
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.StartsWith("text/event-stream", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static f => f.Trim()).Where(static f => f.StartsWith("data: ", StringComparison.Ordinal)).Select(static f => f[6..])];
    }

    private static async Task<(string Text, bool IsBroken)> ReadAsync(HttpResponseMessage response)
    {
        using var text = new MemoryStream();
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.CopyToAsync(text, TestContext.Current.CancellationToken);
            return (System.Text.Encoding.UTF8.GetString(text.ToArray()), false);
        }
        catch (HttpIOException e) when (e.HttpRequestError == HttpRequestError.ResponseEnded)
        {
            return (System.Text.Encoding.UTF8.GetString(text.ToArray()), true);
        }
    }

    // The simulator numbers its answers.
    private static string Comparable(string payload)
    {
        if (payload == "[DONE]")
        {
            return payload;
        }

        var node = JsonNode.Parse(payload)!;
        node["id"] = "";
        return node.ToJsonString();
    }
}
