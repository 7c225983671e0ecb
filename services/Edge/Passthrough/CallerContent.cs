using System.Net;
using Gateway.Edge.Errors;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Edge.Passthrough;

/// <summary>The caller's body, sent on as it arrives: no more of it is in memory than the provider has room for.</summary>
internal sealed class CallerContent(HttpRequest request, long maxBytes, Action whenSent) : HttpContent
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    /// <summary>What is wrong with the body itself, or null.</summary>
    public Failure? Failure { get; private set; }

    public static Failure TooLarge(long maxBytes) =>
        new(GatewayError.BodyTooLarge, Step.Envelope, $"The body is larger than the {maxBytes} bytes allowed here (settings.maxRequestBytes).");

    /// <summary>Ends the sending. The caller's body is not touched any more once this is over.</summary>
    public async ValueTask StopAsync()
    {
        if (Volatile.Read(ref _started) == 0)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _ended.Task.ConfigureAwait(false);
        _stop.Dispose();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) == 1)
        {
            throw new IOException("The body was sent before, and is there only once.");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            await CopyAsync(stream, either.Token).ConfigureAwait(false);
            whenSent();
        }
        catch (BadHttpRequestException e)
        {
            Failure = e.StatusCode == StatusCodes.Status408RequestTimeout
                ? new Failure(GatewayError.BodyTooSlow, Step.Envelope, "The body arrived too slowly; send at least 240 bytes a second.")
                : new Failure(GatewayError.BodyIncomplete, Step.Envelope, "The body ended before its announced length, or its chunked encoding is broken.");
            throw;
        }
        catch (ConnectionResetException)
        {
            Failure = new Failure(GatewayError.BodyIncomplete, Step.Envelope, "The connection ended before the whole body had arrived.");
            throw;
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = request.ContentLength ?? 0;
        return request.ContentLength is not null;
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellationToken)
    {
        var body = request.BodyReader;
        long total = 0;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            total += read.Buffer.Length;
            if (total > maxBytes)
            {
                body.AdvanceTo(read.Buffer.End);
                Failure = TooLarge(maxBytes);
                throw new IOException(Failure.Message);
            }

            foreach (var part in read.Buffer)
            {
                await stream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }

            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
