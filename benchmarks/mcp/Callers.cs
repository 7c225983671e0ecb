using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Gateway.Mcp.Benchmarks;

/// <summary>Callers with a session each, who call one after the other.</summary>
internal sealed class Callers : IAsyncDisposable
{
    private static readonly byte[] Call = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"The quick brown fox"}}}""");

    private readonly HttpMessageInvoker http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private readonly Uri url;
    private readonly Dictionary<string, string> headers;
    private readonly List<string> sessions = [];

    private Callers(string url, Dictionary<string, string> headers)
    {
        this.url = new Uri(url);
        this.headers = headers;
    }

    /// <summary>Begins the sessions.</summary>
    public static async Task<Callers> BeginAsync(string url, Dictionary<string, string> headers, int count)
    {
        var callers = new Callers(url, headers);
        var begin = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"""u8.ToArray();
        for (var i = 0; i < count; i++)
        {
            using var request = callers.Request(HttpMethod.Post, begin, null);
            using var response = await callers.http.SendAsync(request, CancellationToken.None);
            callers.sessions.Add(response.Headers.GetValues("Mcp-Session-Id").Single());
        }

        return callers;
    }

    /// <summary>Calls, all callers together as often as asked: each as soon as it has its answer, or at its own pace.</summary>
    /// <param name="calls">Calls of all together.</param>
    /// <param name="perSecond">Calls a second of all together; null for as fast as they can.</param>
    public async Task<Measured> RunAsync(int calls, int? perSecond = null)
    {
        var times = new double[calls];
        var next = -1;
        var failed = 0;
        var interval = perSecond is { } rate ? (double)sessions.Count / rate : 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(sessions.Select((session, place) => Task.Run(async () =>
        {
            var due = interval * place / sessions.Count;
            for (var i = Interlocked.Increment(ref next); i < calls; i = Interlocked.Increment(ref next))
            {
                var wait = due - Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (interval > 0 && wait > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(wait));
                }

                // A call that its caller's last one kept waiting counts from when it was due; a timer that fired late does not count.
                var waited = interval > 0 && wait < 0 ? -wait : 0;
                var start = Stopwatch.GetTimestamp();
                if (!await CallAsync(session))
                {
                    Interlocked.Increment(ref failed);
                }

                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds + (waited * 1000);
                due += interval;
            }
        })));
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.Sort(times);
        return new Measured(times, calls / took, failed);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in sessions)
        {
            using var request = Request(HttpMethod.Delete, null, session);
            using var response = await http.SendAsync(request, CancellationToken.None);
        }

        http.Dispose();
    }

    private async Task<bool> CallAsync(string session)
    {
        try
        {
            using var request = Request(HttpMethod.Post, Call, session);
            using var response = await http.SendAsync(request, CancellationToken.None);
            var body = await response.Content.ReadAsByteArrayAsync();
            return response.IsSuccessStatusCode && body.AsSpan().IndexOf("lazy dog"u8) > 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private HttpRequestMessage Request(HttpMethod method, byte[]? body, string? session)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (session is not null)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
            request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", "2025-11-25");
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        return request;
    }
}

/// <summary>What was measured.</summary>
/// <param name="Times">Milliseconds of each call, ascending.</param>
/// <param name="PerSecond">Calls a second.</param>
/// <param name="Failed">Calls without the right answer.</param>
internal sealed record Measured(double[] Times, double PerSecond, int Failed)
{
    /// <summary>The time within which a part of the calls ended.</summary>
    public double Percentile(double part) => Times[Math.Min(Times.Length - 1, (int)(Times.Length * part))];
}
