using System.Net;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>Two edges that share rate limits through one governance, as processes.</summary>
public sealed class SharedLimitTests : GovernedEdges
{
    private const string Short = "\"max_tokens\":5";

    [Fact]
    public async Task A_limit_of_the_admin_api_stands_over_both_edges_and_changes_with_it()
    {
        await Admin.PostAsync("limits", new { id = "day", name = "A day", amount = 30, windowSeconds = 86_400, scope = new { model = "sim*" } });
        var (a, b, key) = await StartAsync();
        var served = await RaceAsync([a, b], key, 90, "");
        Assert.InRange(served, 1, 30);

        // What one of them has in advance comes back when it idles.
        await Poll.UntilAsync(async () => (served += await RaceAsync([a, b], key, 2, "")) >= 30, () => $"{served} of 30 were served.");
        Assert.Equal(30, served);
        foreach (var port in (int[])[a, b])
        {
            var (status, body) = await ChatAsync(port, key, "sim?tokens=2", Short);
            Assert.Equal(HttpStatusCode.TooManyRequests, status);
            Assert.Contains("'A day' of 30 requests in 86400 s", (string)JsonNode.Parse(body)!["error"]!["message"]!, StringComparison.Ordinal);
        }

        await Admin.PatchAsync("limits/day", new { dryRun = true });
        await Poll.UntilAsync(async () => await RaceAsync([a, b], key, 2, "") == 2, () => "The limit still refuses on trial.");
        await Admin.PatchAsync("limits/day", new { dryRun = false });
        await Poll.UntilAsync(async () => await RaceAsync([a, b], key, 2, "") == 0, () => "The limit does not refuse again.");
        await Admin.DeleteAsync("limits/day");
        await Poll.UntilAsync(async () => await RaceAsync([a, b], key, 2, "") == 2, () => "The limit is gone and still refuses.");
    }

    [Fact]
    public async Task Places_of_an_edge_that_is_killed_come_back()
    {
        await Admin.PostAsync("limits", new { id = "two", name = "Two", metric = "ConcurrentRequests", amount = 2, scope = new { model = "sim*" } });
        var (a, b, key) = await StartAsync();
        var streams = new List<HttpResponseMessage>();
        await Poll.UntilAsync(
            async () =>
            {
                using var request = Request(a, key, "sim?tokens=100000&rate=20", "\"stream\":true");
                var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    streams.Add(response);
                }

                return streams.Count == 2;
            },
            () => "The places were never free.");
        var (status, body) = await ChatAsync(b, key, "sim?tokens=2", Short);
        Assert.Equal((HttpStatusCode.TooManyRequests, "concurrency_limit_exceeded"), (status, (string?)JsonNode.Parse(body)!["error"]!["code"]));

        await KillAsync(Processes[1]);
        streams.ForEach(static s => s.Dispose());
        await Poll.UntilAsync(async () => (await ChatAsync(b, key, "sim?tokens=2", Short)).Status == HttpStatusCode.OK, () => "The places of the edge that was killed never came back.");
    }

    [Fact]
    public async Task Without_governance_each_edge_has_its_part_and_with_it_they_share_again()
    {
        await Admin.PostAsync("limits", new { id = "user", name = "User", amount = 40, windowSeconds = 86_400, scope = new { endUser = "*" }, each = true });
        var (a, b, key) = await StartAsync();
        await Poll.UntilAsync(async () => await FigureAsync(a, "gateway_limits_edges") == 2 && await FigureAsync(b, "gateway_limits_edges") == 2, () => "The edges never heard of each other.");
        Assert.Equal((1, 1), (await FigureAsync(a, "gateway_limits_sharing"), await FigureAsync(b, "gateway_limits_sharing")));

        await KillAsync(Processes[0]);
        await Poll.UntilAsync(async () => await FigureAsync(a, "gateway_limits_sharing") == 0 && await FigureAsync(b, "gateway_limits_sharing") == 0, () => "The edges still think that they share.");
        Assert.Equal(20, await RaceAsync([a], key, 40, ",\"user\":\"u1\""));
        Assert.Equal(20, await RaceAsync([b], key, 40, ",\"user\":\"u1\""));

        StartGovernance();
        await Poll.UntilAsync(async () => await FigureAsync(a, "gateway_limits_sharing") == 1 && await FigureAsync(b, "gateway_limits_sharing") == 1, () => "The edges never share again.");
        Assert.Equal(0, await RaceAsync([a, b], key, 20, ",\"user\":\"u1\""));
    }

    private async Task<(int A, int B, string Key)> StartAsync()
    {
        var key = (string)(await Admin.PostAsync("keys", new { name = "caller" }))["key"]!;
        return (await EdgeAsync("a", key), await EdgeAsync("b", key), key);
    }

    private async Task<int> RaceAsync(int[] ports, string key, int requests, string more)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, requests).Select(async i => (await ChatAsync(ports[i % ports.Length], key, "sim?tokens=2", Short + more)).Status));
        Assert.All(statuses, static s => Assert.True(s is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, s.ToString()));
        return statuses.Count(static s => s == HttpStatusCode.OK);
    }

    /// <summary>A metric without labels; -1 when it is not there.</summary>
    private async Task<double> FigureAsync(int port, string name)
    {
        var text = await Http.GetStringAsync(new Uri($"http://localhost:{port}/metrics"), TestContext.Current.CancellationToken);
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(name + " ", StringComparison.Ordinal) || l.StartsWith(name + "{", StringComparison.Ordinal));
        return line is null ? -1 : double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ').First(static p => char.IsAsciiDigit(p[0])), System.Globalization.CultureInfo.InvariantCulture);
    }
}
