using System.Net;
using System.Net.Http.Headers;
using Gateway.McpHub.Auth;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>HTTP requests to one server, with its headers and its credentials.</summary>
internal sealed class HttpCalls(UpstreamSettings settings, HttpMessageInvoker client, IUpstreamAuth auth)
{
    private const int MaxAttempts = 4;

    /// <summary>Id of the server.</summary>
    public string Server => settings.Id;

    /// <summary>Largest message.</summary>
    public int MaxBytes => settings.MaxResponseBytes;

    /// <summary>Its address.</summary>
    public Uri Url { get; } = new(settings.Url!, UriKind.Absolute);

    /// <summary>Sends a request until the credentials fit. The answer is the caller's to dispose.</summary>
    /// <param name="make">Makes the request anew for each attempt.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask<(HttpResponseMessage? Response, UpstreamFault? Fault)> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var token = await auth.TokenAsync(cancellation).ConfigureAwait(false);
            using var request = make();
            foreach (var (name, value) in settings.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            HttpResponseMessage response;
            try
            {
                response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                return (null, new HttpFaults(Server, MaxBytes).FaultOf(e));
            }
            catch (IOException)
            {
                return (null, Faults.BrokenOff(Server));
            }

            if (response.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) || attempt == MaxAttempts)
            {
                return (response, null);
            }

            var challenge = response.Headers.WwwAuthenticate.FirstOrDefault(h => string.Equals(h.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase))?.ToString();
            if (response.StatusCode == HttpStatusCode.Forbidden && challenge?.Contains("insufficient_scope", StringComparison.Ordinal) != true)
            {
                return (response, null);
            }

            response.Dispose();
            if (await auth.ChallengedAsync(token, (int)response.StatusCode, challenge, cancellation).ConfigureAwait(false) is { } fault)
            {
                return (null, fault);
            }
        }
    }

    /// <summary>Reads a JSON body that answers a request: one message, or a batch of them.</summary>
    public async ValueTask<UpstreamReply> ReadJsonAsync(HttpResponseMessage response, Inflight inflight, IWireOwner owner, CancellationToken cancellation)
    {
        byte[] body;
        try
        {
            body = await BoundedBody.ReadAsync(response.Content, MaxBytes, cancellation).ConfigureAwait(false);
        }
        catch (MessageTooLargeException)
        {
            return UpstreamReply.Failed(Faults.TooLarge(Server, MaxBytes));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return UpstreamReply.Failed(Faults.BrokenOff(Server));
        }

        return await JudgeAsync(body, inflight, owner).ConfigureAwait(false);
    }

    private async ValueTask<UpstreamReply> JudgeAsync(byte[] body, Inflight inflight, IWireOwner owner)
    {
        var isBatch = body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
        if (isBatch && !JsonBytes.IsWellFormed(body))
        {
            return UpstreamReply.Failed(Faults.Malformed(Server, "The message is not valid JSON."));
        }

        var messages = isBatch ? JsonBytes.Elements(body.AsMemory()[body.AsSpan().IndexOf((byte)'[')..]) : Lines(body);
        UpstreamReply? answer = null;
        var isWrong = false;
        foreach (var json in messages)
        {
            var message = RpcMessage.Read(json);
            switch (message.Kind)
            {
                case RpcKind.Bad:
                    return UpstreamReply.Failed(Faults.Malformed(Server, message.Reason));
                case RpcKind.Request or RpcKind.Notification:
                    await owner.ReceiveAsync(message, inflight).ConfigureAwait(false);
                    break;
                case var kind when message.NumberId == inflight.Id || (kind == RpcKind.Error && message.Id.IsEmpty):
                    answer ??= kind == RpcKind.Result ? UpstreamReply.Result(message.Body) : UpstreamReply.Error(message.Body);
                    break;
                default:
                    isWrong = true;
                    break;
            }
        }

        return answer ?? UpstreamReply.Failed(isWrong ? Faults.WrongId(Server) : Faults.BrokenOff(Server));
    }

    // Some servers send a message a line where they have more to say than the answer.
    private static List<ReadOnlyMemory<byte>> Lines(byte[] body)
    {
        if (body.AsSpan().TrimEnd(" \t\r\n"u8).IndexOf((byte)'\n') < 0 || JsonBytes.IsWellFormed(body))
        {
            return [body];
        }

        var lines = new List<ReadOnlyMemory<byte>>();
        foreach (var range in body.AsSpan().Split((byte)'\n'))
        {
            var line = body.AsMemory(range);
            if (!line.Span.Trim(" \t\r"u8).IsEmpty)
            {
                lines.Add(line);
            }
        }

        return lines;
    }
}
