using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Edge.Errors;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Edge.Http;

/// <summary>Reads a request's body whole into a pooled buffer, within the size that is allowed.</summary>
internal static class RequestBodyReader
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<(PooledBody Body, Failure? Failure)> ReadAsync(HttpContext http, long maxBytes)
    {
        if (http.Request.ContentLength > maxBytes)
        {
            return (default, TooLarge(maxBytes));
        }

        var pipe = http.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(http.RequestAborted).ConfigureAwait(false);
                var buffer = read.Buffer;
                if (buffer.Length > maxBytes)
                {
                    pipe.AdvanceTo(buffer.End);
                    return (default, TooLarge(maxBytes));
                }

                if (read.IsCompleted)
                {
                    var body = Copy(buffer);
                    pipe.AdvanceTo(buffer.End);
                    return body.Length == 0
                        ? (body, new Failure(GatewayError.BodyMissing, Step.Envelope, "The request has no body; send a JSON object."))
                        : (body, null);
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (BadHttpRequestException e)
        {
            return (default, FromKestrel(e, maxBytes));
        }
        catch (Exception e) when (e is ConnectionResetException or OperationCanceledException or IOException)
        {
            return (default, new Failure(GatewayError.BodyIncomplete, Step.Envelope, "The connection ended before the whole body had arrived."));
        }
    }

    private static PooledBody Copy(in ReadOnlySequence<byte> buffer)
    {
        // A byte order mark is no part of the JSON; providers refuse it too.
        var content = buffer;
        Span<byte> head = stackalloc byte[3];
        if (content.Length >= 3)
        {
            content.Slice(0, 3).CopyTo(head);
            if (head.SequenceEqual("\uFEFF"u8))
            {
                content = content.Slice(3);
            }
        }

        var length = (int)content.Length;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        content.CopyTo(rented);
        return new PooledBody(rented, length);
    }

    private static Failure FromKestrel(BadHttpRequestException e, long maxBytes) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => TooLarge(maxBytes),
        StatusCodes.Status408RequestTimeout => new Failure(GatewayError.BodyTooSlow, Step.Envelope, "The body arrived too slowly; send at least 240 bytes a second."),
        _ => new Failure(GatewayError.BodyIncomplete, Step.Envelope, "The body ended before its announced length, or its chunked encoding is broken."),
    };

    private static Failure TooLarge(long maxBytes) =>
        new(GatewayError.BodyTooLarge, Step.Envelope, $"The body is larger than the {maxBytes} bytes allowed here (settings.maxRequestBytes).");
}
