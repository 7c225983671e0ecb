using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Chaos.Running;

namespace Gateway.Chaos.Callers;

/// <summary>Callers that ask, read, and now and then go away.</summary>
internal sealed class LoadDriver(ChaosOptions options, IReadOnlyList<CallerKey> keys, IReadOnlyList<ServiceProcess> edges) : IDisposable
{
    private const double CancelShare = 0.15;
    private const int FaultPercent = 22;

    private static readonly string[] _routes = ["sim", "sim", "simhedge", "simcontinue"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) }) { Timeout = TimeSpan.FromMinutes(3) };
    private readonly ConcurrentBag<Call> _calls = [];
    private int _number;

    public IReadOnlyCollection<Call> Calls => _calls;

    /// <summary>Runs all callers until the end is asked for; each finishes what it has begun.</summary>
    public Task RunAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, options.Streams).Select(i => LoopAsync(i, end)));

    public void Dispose() => _http.Dispose();

    private async Task LoopAsync(int caller, CancellationToken end)
    {
        var dice = new Random(caller);
        await Task.Delay(dice.Next(1000), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!end.IsCancellationRequested)
        {
            var call = await CallAsync(dice).ConfigureAwait(false);
            _calls.Add(call);
            if (call.Ending is not (Ending.Complete or Ending.Cancelled))
            {
                await Task.Delay(dice.Next(50, 500), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<Call> CallAsync(Random dice)
    {
        var user = string.Create(CultureInfo.InvariantCulture, $"r{Interlocked.Increment(ref _number)}");
        var (key, edge, stream) = (dice.Next(keys.Count), edges[dice.Next(edges.Count)], dice.Next(2) == 0);
        var took = options.Tokens * 1000 / options.Rate;
        var knobs = stream
            ? $"tokens={options.Tokens}&rate={options.Rate}{(dice.Next(3) == 0 ? "&runningUsage=1" : "")}"
            : $"tokens={options.Tokens}&latency={took / 8}&jitter={took / 4}";
        var body = $$"""
            {"model":"{{_routes[dice.Next(_routes.Length)]}}?{{knobs}}&faults={{FaultPercent}}&resume=1","user":"{{user}}","stream":{{(stream ? "true" : "false")}},"max_tokens":{{options.Tokens + dice.Next(40)}},"messages":[{"role":"user","content":"{{new string('x', dice.Next(1, 200))}}"}]}
            """;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Address, "/v1/chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", keys[key].Secret);
        using var leaves = new CancellationTokenSource();
        if (dice.NextDouble() < CancelShare)
        {
            leaves.CancelAfter(dice.Next(1, took));
        }

        var status = 0;
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaves.Token).ConfigureAwait(false);
            status = (int)response.StatusCode;
            var text = await response.Content.ReadAsStringAsync(leaves.Token).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.OK
                ? new Call(user, key, !stream || (text.Contains("data: [DONE]", StringComparison.Ordinal) && !text.Contains("\"error\":{", StringComparison.Ordinal)) ? Ending.Complete : Ending.CutOrError, status, "")
                : Refused(user, key, response, text);
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            return new Call(user, key, Ending.Cancelled, status, "");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return new Call(user, key, status == 0 ? Ending.EdgeGone : Ending.CutOrError, status, e.Message);
        }
    }

    private static Call Refused(string user, int key, HttpResponseMessage response, string text)
    {
        var code = "";
        try
        {
            code = (string?)JsonNode.Parse(text)?["error"]?["code"] ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not an error in the caller's dialect: a fault of the simulator that was passed on.
        }

        var ending = code switch
        {
            "budget_unavailable" => Ending.BudgetUnavailable,
            _ when response.StatusCode == HttpStatusCode.PaymentRequired => Ending.BudgetRefused,
            _ when (int)response.StatusCode >= 500 => Ending.UpstreamFailed,
            _ => Ending.OtherRefusal,
        };
        return new Call(user, key, ending, (int)response.StatusCode, code);
    }
}
