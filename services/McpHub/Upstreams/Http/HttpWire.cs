using System.Net;
using System.Net.Http.Headers;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>Streamable HTTP, with and without sessions: one POST for each message, whose answer is JSON or a stream of events.</summary>
internal sealed class HttpWire(HttpCalls calls, TimeProvider time) : Wire
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const int MaxReconnects = 10;
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue AcceptJson = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue AcceptEvents = new("text/event-stream");
    private static readonly TimeSpan EndWait = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource closed = new();
    private string? session;
    private string? version;
    private int isStreamOpen;
    private Task stream = Task.CompletedTask;
    private volatile bool isLost;

    /// <inheritdoc/>
    public override bool IsAlive => !isLost && !closed.IsCancellationRequested;

    /// <inheritdoc/>
    public override bool HasBothGenerations => true;

    /// <summary>Whether the server gave a session.</summary>
    public bool HasSession => session is not null;

    /// <inheritdoc/>
    public override void Agreed(string version) => this.version = version;

    /// <inheritdoc/>
    public override void OpenStream()
    {
        if (Interlocked.Exchange(ref isStreamOpen, 1) == 0)
        {
            stream = FollowAsync(closed.Token);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<UpstreamReply> RequestAsync(WireRequest request, CancellationToken cancellation)
    {
        var (response, fault) = await calls.SendAsync(() => Post(request.Message, request.Headers), cancellation).ConfigureAwait(false);
        if (response is null)
        {
            return UpstreamReply.Failed(fault!);
        }

        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                return await RefusedAsync(response, request, cancellation).ConfigureAwait(false);
            }

            if (request.Method == Methods.Initialize && response.Headers.TryGetValues(SessionHeader, out var ids))
            {
                session = ids.FirstOrDefault(id => id.Length is > 0 and <= 1024);
            }

            return response.Content.Headers.ContentType?.MediaType switch
            {
                "application/json" when request.Method == Methods.Listen => await ReadLinesAsync(response, request.Inflight, cancellation).ConfigureAwait(false),
                "application/json" => await calls.ReadJsonAsync(response, request.Inflight, Owner, cancellation).ConfigureAwait(false),
                "text/event-stream" => await ReadEventsAsync(response, request.Inflight, cancellation).ConfigureAwait(false),
                _ => UpstreamReply.Failed(Faults.Malformed(calls.Server, "It is neither JSON nor a stream of events.")),
            };
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var (response, fault) = await calls.SendAsync(() => Post(message, null), cancellation).ConfigureAwait(false);
        using (response)
        {
            return fault ?? (response!.IsSuccessStatusCode ? null : response.StatusCode == HttpStatusCode.NotFound ? Faults.SessionLost(calls.Server) : Faults.Refused(calls.Server, (int)response.StatusCode));
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
        await stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (session is not null && !isLost)
        {
            using var limit = new CancellationTokenSource(EndWait, time);
            try
            {
                var (response, _) = await calls.SendAsync(() => Request(HttpMethod.Delete), limit.Token).ConfigureAwait(false);
                response?.Dispose();
            }
            catch (OperationCanceledException)
            {
                // A server that does not take note ends the session by itself some time.
            }
        }

        closed.Dispose();
    }

    private HttpRequestMessage Post(ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>>? headers)
    {
        var request = Request(HttpMethod.Post);
        request.Content = new ReadOnlyMemoryContent(message);
        request.Content.Headers.ContentType = Json;
        request.Headers.Accept.Add(AcceptJson);
        request.Headers.Accept.Add(AcceptEvents);
        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private HttpRequestMessage Request(HttpMethod method)
    {
        var request = new HttpRequestMessage(method, calls.Url);
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation(VersionHeader, version);
        }

        if (session is not null)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, session);
        }

        return request;
    }

    private async ValueTask<UpstreamReply> RefusedAsync(HttpResponseMessage response, WireRequest request, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        if (session is not null && status == 404)
        {
            isLost = true;
            return UpstreamReply.Failed(Faults.SessionLost(calls.Server));
        }

        if (status is 401 or 403)
        {
            return UpstreamReply.Failed(Faults.Unauthorized(calls.Server, null));
        }

        if (response.Content.Headers.ContentType?.MediaType == "application/json")
        {
            var reply = await calls.ReadJsonAsync(response, request.Inflight, Owner, cancellation).ConfigureAwait(false);
            if (reply.IsError)
            {
                // Many servers answer an unknown session by 400, as the SDKs' examples do.
                if (session is not null && status == 400 && RpcError.Code(reply.Json.Span) is RpcError.Transport or RpcError.SessionNotFound
                    && JsonBytes.TryGetString(reply.Json.Span, "message"u8, out var why) && why.Contains("session", StringComparison.OrdinalIgnoreCase))
                {
                    isLost = true;
                    return UpstreamReply.Failed(Faults.SessionLost(calls.Server));
                }

                return reply;
            }
        }

        return UpstreamReply.Failed(Faults.Refused(calls.Server, status));
    }

    private async ValueTask<UpstreamReply> ReadEventsAsync(HttpResponseMessage first, Inflight inflight, CancellationToken cancellation)
    {
        var response = first;
        string? last = null;
        var waits = new StreamWaits(time);
        for (var reconnects = 0; ; reconnects++)
        {
            try
            {
                using var reader = new EventReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), calls.MaxBytes);
                while (await reader.ReadAsync(cancellation).ConfigureAwait(false) is { } read)
                {
                    last = read.Id ?? last;
                    waits.Ask(read.Retry);
                    if (read.Data.Length == 0)
                    {
                        continue;
                    }

                    if (await TakeAsync(read.Data, inflight).ConfigureAwait(false) is { } answer)
                    {
                        return answer;
                    }

                    // A server may let its client come again as often as it has something to say.
                    reconnects = 0;
                    waits.Moved();
                }
            }
            catch (MessageTooLargeException)
            {
                return UpstreamReply.Failed(Faults.TooLarge(calls.Server, calls.MaxBytes));
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // Broken off; perhaps it can be taken up again below.
            }
            finally
            {
                if (response != first)
                {
                    response.Dispose();
                }
            }

            // Until 2025-11-25 a stream may end early and be taken up again where it ended.
            if (last is null || reconnects == MaxReconnects || version is null or Revisions.V2026)
            {
                return UpstreamReply.Failed(Faults.BrokenOff(calls.Server));
            }

            await waits.NextAsync(cancellation).ConfigureAwait(false);
            waits.Begin();
            var (again, _) = await calls.SendAsync(() => Get(last), cancellation).ConfigureAwait(false);
            if (again is not { IsSuccessStatusCode: true })
            {
                again?.Dispose();
                return UpstreamReply.Failed(Faults.BrokenOff(calls.Server));
            }

            response = again;
        }
    }

    // One message a line: how some servers give a stream without events.
    private async ValueTask<UpstreamReply> ReadLinesAsync(HttpResponseMessage response, Inflight inflight, CancellationToken cancellation)
    {
        try
        {
            using var lines = new LineReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), calls.MaxBytes);
            while (await lines.ReadAsync(cancellation).ConfigureAwait(false) is { } line)
            {
                if (line.Length > 0 && await TakeAsync(line, inflight).ConfigureAwait(false) is { } answer)
                {
                    return answer;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // As its end.
        }

        return UpstreamReply.Failed(Faults.BrokenOff(calls.Server));
    }

    private async ValueTask<UpstreamReply?> TakeAsync(ReadOnlyMemory<byte> json, Inflight inflight)
    {
        var message = RpcMessage.Read(json);
        switch (message.Kind)
        {
            case RpcKind.Bad:
                return UpstreamReply.Failed(Faults.Malformed(calls.Server, message.Reason));
            case RpcKind.Request or RpcKind.Notification:
                await Owner.ReceiveAsync(message, inflight).ConfigureAwait(false);
                return null;
            default:
                return message.NumberId != inflight.Id ? UpstreamReply.Failed(Faults.WrongId(calls.Server))
                    : message.Kind == RpcKind.Result ? UpstreamReply.Result(message.Body) : UpstreamReply.Error(message.Body);
        }
    }

    private HttpRequestMessage Get(string? last)
    {
        var request = Request(HttpMethod.Get);
        request.Headers.Accept.Add(AcceptEvents);
        if (last is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        }

        return request;
    }

    // The stream of what belongs to no request. A server need not have one.
    private async Task FollowAsync(CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        string? last = null;
        var waits = new StreamWaits(time);
        while (!cancellation.IsCancellationRequested && !isLost)
        {
            waits.Begin();
            var (response, fault) = await calls.SendAsync(() => Get(last), cancellation).ConfigureAwait(false);
            using (response)
            {
                if (fault is { Kind: UpstreamFaultKind.Unauthorized } || (response is not null && !MayFollow(response)))
                {
                    return;
                }

                if (response is { IsSuccessStatusCode: true })
                {
                    last = await FollowAsync(response, last, waits, cancellation).ConfigureAwait(false);
                }
            }

            await waits.NextAsync(cancellation).ConfigureAwait(false);
        }
    }

    // Whose stream it is, or who may have one later: a server that is overloaded or restarts.
    private static bool MayFollow(HttpResponseMessage response)
        => response.IsSuccessStatusCode ? response.Content.Headers.ContentType?.MediaType is null or "text/event-stream" : (int)response.StatusCode is 429 or 502 or 503 or 504;

    private async Task<string?> FollowAsync(HttpResponseMessage response, string? last, StreamWaits waits, CancellationToken cancellation)
    {
        try
        {
            using var reader = new EventReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), calls.MaxBytes);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false) is { } read)
            {
                last = read.Id ?? last;
                waits.Ask(read.Retry);
                var message = RpcMessage.Read(read.Data);
                if (message.Kind is RpcKind.Request or RpcKind.Notification)
                {
                    await Owner.ReceiveAsync(message, null).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // It ended; another is opened.
        }

        return last;
    }
}
