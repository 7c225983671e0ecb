using System.Globalization;
using Gateway.Load.Running;

namespace Gateway.Load.Clients;

/// <summary>One run of wrk.</summary>
/// <param name="Requests">Answers received.</param>
/// <param name="PerSecond">Answers per second.</param>
/// <param name="P50">Median latency in milliseconds.</param>
/// <param name="P99">99th percentile in milliseconds.</param>
/// <param name="P999">99.9th percentile in milliseconds.</param>
/// <param name="Errors">Answers that were not 2xx or 3xx, and socket errors.</param>
internal sealed record WrkResult(long Requests, double PerSecond, double P50, double P99, double P999, long Errors);

/// <summary>Closed-loop load by wrk.</summary>
internal static class Wrk
{
    /// <summary>Sends <paramref name="body"/>, a Lua expression, with the keys in turn; where <paramref name="distinct"/> is in it, each request has something else.</summary>
    public static async Task<WrkResult> RunAsync(string wrk, string directory, int port, string body, IReadOnlyList<string> keys, int connections, int seconds, CancellationToken cancellationToken, string path = "/v1/chat/completions", string? distinct = null, bool pin = false)
    {
        var script = Path.Combine(directory, "load.lua");
        var keyFile = Path.Combine(directory, "keys.txt");
        await File.WriteAllLinesAsync(keyFile, keys, cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(script, $$"""
            wrk.method = "POST"
            wrk.body = {{body}}
            wrk.headers["Content-Type"] = "application/json"
            local requests, n = {}, 0
            function init(args)
              for key in io.lines("{{keyFile}}") do
                wrk.headers["Authorization"] = "Bearer " .. key
                requests[#requests + 1] = wrk.format()
                if #wrk.body > 100000 then break end
              end
            end
            local threads = 0
            function setup(thread)
              threads = threads + 1
              thread:set("number", threads)
            end
            function request()
              n = n + 1
              if "{{distinct}}" ~= "" then
                return (string.gsub(requests[1], "{{distinct}}", string.format("%d%07d", number, (n + {{Random.Shared.Next(1_000_000)}}) % 10000000)))
              end
              return requests[(n - 1) % #requests + 1]
            end
            function done(summary, latency, r)
              local e = summary.errors
              io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
                latency:percentile(50), latency:percentile(99), latency:percentile(99.9), e.connect + e.read + e.write + e.status + e.timeout))
            end
            """, cancellationToken).ConfigureAwait(false);
        var threads = Math.Min(2, connections).ToString(CultureInfo.InvariantCulture);
        string[] pinned = pin ? ["-c", "0", wrk] : [];
        var output = await Child.RunAsync(
            pin ? "taskset" : wrk,
            [.. pinned, "-t", threads, "-c", connections.ToString(CultureInfo.InvariantCulture), "-d", seconds.ToString(CultureInfo.InvariantCulture) + "s", "-s", script, $"http://127.0.0.1:{port}{path}"],
            TimeSpan.FromSeconds(seconds + 30),
            cancellationToken).ConfigureAwait(false);
        var line = output.Split('\n').FirstOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal)) ?? throw new InvalidOperationException("wrk gave no result: " + output);
        var f = line.Split(' ').Skip(1).Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray();
        return new WrkResult((long)f[0], f[0] / (f[1] / 1e6), f[2] / 1000, f[3] / 1000, f[4] / 1000, (long)f[5]);
    }
}
