using System.Net.Http.Headers;
using System.Text;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams.Http;

namespace Gateway.McpHub.Upstreams.Sse;

/// <summary>HTTP with SSE of 2024-11-05: one stream for all that the server says, and an address for what it is told.</summary>
internal sealed class SseWire : ChannelWire
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue AcceptEvents = new("text/event-stream");

    private readonly HttpCalls calls;
    private readonly HttpResponseMessage response;
    private readonly EventReader reader;
    private readonly Uri target;
    private readonly CancellationTokenSource closed = new();
    private readonly Lock starting = new();
    private Task? reading;

    private SseWire(HttpCalls calls, UpstreamSettings settings, HttpResponseMessage response, EventReader reader, Uri target)
        : base(settings)
    {
        this.calls = calls;
        this.response = response;
        this.reader = reader;
        this.target = target;
    }

    /// <summary>Opens the stream and waits for the address.</summary>
    public static async ValueTask<(Wire? Wire, UpstreamFault? Fault)> ConnectAsync(HttpCalls calls, UpstreamSettings settings, CancellationToken cancellation)
    {
        var (response, fault) = await calls.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, calls.Url);
                request.Headers.Accept.Add(AcceptEvents);
                return request;
            },
            cancellation).ConfigureAwait(false);
        if (response is null)
        {
            return (null, fault);
        }

        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            using (response)
            {
                return (null, response.IsSuccessStatusCode ? Faults.Malformed(calls.Server, "It is no stream of events.") : Faults.Refused(calls.Server, (int)response.StatusCode));
            }
        }

        EventReader? reader = null;
        Uri? target = null;
        try
        {
            reader = new EventReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), calls.MaxBytes);
            var first = await reader.ReadAsync(cancellation).ConfigureAwait(false);
            fault = first is { Name: "endpoint" } && Uri.TryCreate(calls.Url, Encoding.UTF8.GetString(first.Data.Span), out target)
                && target.GetLeftPart(UriPartial.Authority) == calls.Url.GetLeftPart(UriPartial.Authority)
                ? null
                : Faults.Malformed(calls.Server, "It did not begin its stream with an address of its own.");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            fault = Faults.BrokenOff(calls.Server);
        }
        catch (OperationCanceledException)
        {
            reader?.Dispose();
            response.Dispose();
            throw;
        }

        if (fault is null)
        {
            return (new SseWire(calls, settings, response, reader!, target!), null);
        }

        reader?.Dispose();
        response.Dispose();
        return (null, fault);
    }

    /// <inheritdoc/>
    public override async ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        lock (starting)
        {
            reading ??= ReadAsync();
        }

        var (answer, fault) = await calls.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, target) { Content = new ReadOnlyMemoryContent(message) { Headers = { ContentType = Json } } },
            cancellation).ConfigureAwait(false);
        using (answer)
        {
            return fault ?? ((int)answer!.StatusCode is >= 200 and < 300 ? null
                : (int)answer.StatusCode == 404 ? Faults.SessionLost(Server) : Faults.Refused(Server, (int)answer.StatusCode));
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (closed.IsCancellationRequested)
        {
            return;
        }

        await closed.CancelAsync().ConfigureAwait(false);
        response.Dispose();
        if (reading is not null)
        {
            await reading.ConfigureAwait(false);
        }

        reader.Dispose();
    }

    private async Task ReadAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var fault = Faults.BrokenOff(Server);
        try
        {
            while (await reader.ReadAsync(closed.Token).ConfigureAwait(false) is { } read)
            {
                if (read.Name == "message" && read.Data.Length > 0)
                {
                    await TakeAsync(read.Data).ConfigureAwait(false);
                }
            }
        }
        catch (MessageTooLargeException)
        {
            fault = Faults.TooLarge(Server, calls.MaxBytes);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            // As its end.
        }

        Lose(fault);
    }
}
