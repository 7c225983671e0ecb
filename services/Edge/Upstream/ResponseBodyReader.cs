using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Edge.Http;

namespace Gateway.Edge.Upstream;

/// <summary>Reads a provider's answer whole into a pooled buffer.</summary>
internal static class ResponseBodyReader
{
    /// <summary>Largest answer that is not streamed: 128 MiB, room for 2,048 embeddings of 3,072 dimensions as text several times over.</summary>
    public const int MaxBytes = 128 * 1024 * 1024;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<PooledBody> ReadAsync(HttpResponseMessage response, CallDeadline deadline, int idleMs)
    {
        var announced = response.Content.Headers.ContentLength;
        if (announced > MaxBytes)
        {
            throw new ResponseTooLargeException();
        }

        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        // One byte more than announced, so that the read that sees the end needs no larger buffer.
        var buffer = ArrayPool<byte>.Shared.Rent((int)(announced ?? 4095) + 1);
        var length = 0;
        try
        {
            while (true)
            {
                deadline.Arm(CallPhase.Body, idleMs);
                var read = await stream.ReadAsync(buffer.AsMemory(length), deadline.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    var body = new PooledBody(buffer, length);
                    buffer = [];
                    return body;
                }

                length += read;
                if (length > MaxBytes)
                {
                    throw new ResponseTooLargeException();
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }
            }
        }
        finally
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>A provider's answer is larger than the gateway keeps in memory.</summary>
internal sealed class ResponseTooLargeException() : IOException($"the answer is larger than {ResponseBodyReader.MaxBytes} bytes");
