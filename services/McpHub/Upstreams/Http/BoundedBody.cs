using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams.Http;

/// <summary>Reads bodies up to a size.</summary>
internal static class BoundedBody
{
    /// <summary>The whole body.</summary>
    /// <exception cref="MessageTooLargeException">It is larger.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength is { } length)
        {
            if (length > maxBytes)
            {
                throw new MessageTooLargeException(maxBytes);
            }

            var exact = new byte[length];
            await using var known = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var got = await known.ReadAtLeastAsync(exact, exact.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return got == exact.Length ? exact : exact[..got];
        }

        await using var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var whole = new byte[Math.Min(maxBytes + 1, 16 * 1024)];
        var used = 0;
        while (true)
        {
            if (used == whole.Length)
            {
                Array.Resize(ref whole, (int)Math.Min(maxBytes + 1L, whole.Length * 2L));
            }

            var read = await stream.ReadAsync(whole.AsMemory(used), cancellation).ConfigureAwait(false);
            used += read;
            if (used > maxBytes)
            {
                throw new MessageTooLargeException(maxBytes);
            }

            if (read == 0)
            {
                return whole[..used];
            }
        }
    }
}
