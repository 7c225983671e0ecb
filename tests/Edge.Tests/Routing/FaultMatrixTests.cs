using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Routing;

/// <summary>
/// What a caller gets, what is remembered and what is billed for every fault of a provider. The table in <c>docs/fault-matrix.md</c> is written by this test when
/// <c>GATEWAY_UPDATE_DOCS</c> is 1, and held to by it otherwise.
/// </summary>
public sealed class FaultMatrixTests
{
    private const string Page = "docs/fault-matrix.md";

    private static readonly (string Name, string Knobs)[] _faults =
    [
        ("none", ""),
        ("connection refused", "closed"),
        ("TLS failure", "tls"),
        ("closed without an answer", "drop=1"),
        ("reset without an answer", "drop=1&reset=1"),
        ("slow headers (each byte late)", "slowHeaders=150"),
        ("stall before the headers", "stall=headers"),
        ("stall before the first byte", "stall=firstByte"),
        ("stall inside the body", "stall=body"),
        ("stall before the end", "stall=end"),
        ("cut inside the first event or the body", "cut=20"),
        ("reset inside the first event or the body", "cut=20&reset=1"),
        ("cut after content", "cutLate"),
        ("stream without its terminator", "noDone=1"),
        ("malformed first event or body", "malformedFirst"),
        ("malformed later event", "malformed=3"),
        ("error as the first event", "streamError=1"),
        ("error as a later event", "streamError=3"),
        ("HTML instead of an answer", "html=1"),
        ("empty answer", "empty=1"),
        .. new[] { 400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 529 }.SelectMany(static s => new[] { ($"status {s}", $"status={s}"), ($"status {s}, Retry-After 30", $"status={s}&retryAfter=30") }),
    ];

    [Fact]
    public async Task Every_fault_has_the_outcome_that_the_page_says()
    {
        var rows = new string[_faults.Length][];
        await Parallel.ForEachAsync(Enumerable.Range(0, _faults.Length), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            var (name, knobs) = _faults[i];
            rows[i] = [name, await CellAsync(knobs, stream: false, two: false), await CellAsync(knobs, stream: true, two: false), await CellAsync(knobs, stream: false, two: true), await CellAsync(knobs, stream: true, two: true)];
        });
        var page = Write(rows);
        var path = SourceTree.PathOf(Page);
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, page, TestContext.Current.CancellationToken);
        }

        Assert.Equal(page, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_stream_cut_at_any_byte_is_never_taken_for_a_whole_one()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(Yaml($"\"{simulator.BaseUrl}\"", "sim?tokens=2&cut=1", false).Replace("deployments:", "deployments:\n  w: { provider: sim, model: \"sim*\" }", StringComparison.Ordinal).Replace("routes:", "routes:\n  \"sim*\": w", StringComparison.Ordinal) + "\nsettings: { health: { cooldownAfter: 1000, breakerMinimumCalls: 100000 } }\n");
        using var whole = await edge.ChatAsync("sim?tokens=2", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        var length = Encoding.UTF8.GetByteCount(await whole.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        for (var cut = 0; cut < length; cut++)
        {
            using var response = await edge.ChatAsync($"sim?tokens=2&cut={cut}", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
            var text = await ReadAllAsync(response);
            if (cut < length - 1)
            {
                Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
                Assert.Contains("upstream_cut", text, StringComparison.Ordinal);
            }
        }

        var records = await edge.RecordsAsync(length + 1);
        Assert.All(records.Skip(1).Take(length - 1), static r => Assert.NotEqual(RequestOutcome.Completed, r.Outcome));
    }

    private static async Task<string> CellAsync(string knobs, bool stream, bool two)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var garbage = knobs == "tls" ? new Garbage() : null;
        var address = knobs switch
        {
            "closed" => $"http://127.0.0.1:{ClosedPort()}/v1",
            "tls" => $"https://127.0.0.1:{garbage!.Port}/v1",
            _ => simulator.BaseUrl,
        };
        var model = "sim?" + knobs switch
        {
            "closed" or "tls" => "",
            "cutLate" => stream ? "cut=700" : "cut=100",
            "malformedFirst" => stream ? "malformed=1" : "truncate=30",
            _ => knobs,
        };
        await using var edge = await EdgeHost.StartAsync(Yaml($"\"{address}\"", model.TrimEnd('?'), two, simulator.BaseUrl));
        using var response = await edge.ChatAsync("r", $"\"stream\":{(stream ? "true" : "false")}");
        var text = await ReadAllAsync(response);
        var record = Assert.Single(await edge.RecordsAsync(1));
        var parts = new List<string> { Seen(response, text, stream) };
        if (record.Attempts != 1)
        {
            parts.Add($"{record.Attempts} calls");
        }

        parts.Add(record.Outcome == RequestOutcome.Completed ? "billed" : record.CostNanoUsd > 0 ? "billed by estimate" : "not billed");
        if (Remembered(edge.Services.GetRequiredService<RuntimeState>().Routing) is { } remembered)
        {
            parts.Add(remembered);
        }

        return string.Join(", ", parts);
    }

    private static string Seen(HttpResponseMessage response, string text, bool stream)
    {
        var status = (int)response.StatusCode;
        if (status == 200 && stream)
        {
            var error = text.Split('\n').FirstOrDefault(static l => l.StartsWith("data: {\"error\"", StringComparison.Ordinal));
            return error is not null ? $"200, then error event `{JsonNode.Parse(error[6..])!["error"]!["code"]}`" : text.Contains("[DONE]", StringComparison.Ordinal) ? "200, whole" : "200, broken off";
        }

        return status == 200 ? "200" : $"{status} `{JsonNode.Parse(text)!["error"]!["code"]}`";
    }

    private static string? Remembered(RoutingState state)
    {
        if (state.Credentials.FirstOrDefault(static c => c.Value.Retired is not null).Key is not null)
        {
            return "credential retired";
        }

        var now = TimeProvider.System.GetUtcNow();
        if (state.Credentials.Where(c => c.Value.CoolsUntil.UtcTicks > 0).Select(static c => c.Value.CoolsUntil).FirstOrDefault() is { Ticks: > 0 } cools)
        {
            return (cools - now).TotalSeconds > 20 ? "credential cools 30 s" : "credential cools 1 s";
        }

        return state.Deployments.Any(d => d.Value.RestsUntil > now.AddSeconds(20)) ? "deployment rests 30 s" : null;
    }

    private static async Task<string> ReadAllAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is var read and > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The gateway breaks the connection off after the error event of a stream.
        }

        return text.ToString();
    }

    private static string Yaml(string bad, string model, bool two, string? good = null) => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: {{bad}}, apiKey: sk-provider-secret-1234567890, timeouts: { connectMs: 3000, firstByteMs: 1500, idleMs: 1500 } }
          other: { baseUrl: "{{good ?? "http://127.0.0.1:9/v1"}}", apiKey: sk-provider-secret-0987654321 }
        deployments:
          x: { provider: sim, model: "{{model}}", price: { inputPerMillion: 1, outputPerMillion: 2 } }
          y: { provider: other, model: sim, price: { inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          r: {{(two ? "[x, y]" : "x")}}
        keys:
          main: { value: {{EdgeHost.Key}} }
        """;

    private static string Write(string[][] rows)
    {
        var text = new StringBuilder("""
            # Fault matrix

            What happens when a provider fails, as the tests see it: this page is written by `FaultMatrixTests` (`GATEWAY_UPDATE_DOCS=1`) against a simulated provider, with the default
            settings, no retries, and timeouts of 1.5 s. *Two targets*: the first one has the fault, the second works. A cell tells what the caller gets, the number of
            calls where it is not one, what is billed, and what is remembered. A failed call also counts towards the rest after three failures in a row
            and the circuit breaker ([routing.md](routing.md)). A stream that breaks off ends with an error event, without `[DONE]`, and its connection is closed; it is tested at every byte.

            | fault | plain, one target | stream, one target | plain, two targets | stream, two targets |
            |---|---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        }

        return text.ToString();
    }

    private static int ClosedPort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Accepts connections and says something that is no TLS.</summary>
    private sealed class Garbage : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Garbage()
        {
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
