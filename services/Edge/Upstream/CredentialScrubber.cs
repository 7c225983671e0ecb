using System.Buffers;
using System.Text;

namespace Gateway.Edge.Upstream;

/// <summary>
/// Takes credentials out of a provider's error body. Providers quote the key they refused, whole or with its middle starred
/// (<c>sk-proj-abcd****wxyz</c>), and that key is not the caller's.
/// </summary>
internal static class CredentialScrubber
{
    private const int Shown = 4;

    private static readonly SearchValues<byte> _tokenBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*."u8);

    private static ReadOnlySpan<byte> Replacement => "[redacted]"u8;

    /// <summary>The body without credentials; the same memory when there are none.</summary>
    public static ReadOnlyMemory<byte> Scrub(ReadOnlyMemory<byte> body, string secret)
    {
        if (secret.Length < Shown)
        {
            return body;
        }

        Span<byte> head = stackalloc byte[32];
        if (!Encoding.UTF8.TryGetBytes(secret.AsSpan(0, Shown), head, out var headLength))
        {
            return body;
        }

        ArrayBufferWriter<byte>? clean = null;
        var span = body.Span;
        var copied = 0;
        var at = 0;
        while (at < span.Length)
        {
            var start = span[at..].IndexOfAny(_tokenBytes);
            if (start < 0)
            {
                break;
            }

            start += at;
            var length = span[start..].IndexOfAnyExcept(_tokenBytes);
            at = length < 0 ? span.Length : start + length;
            var token = span[start..at];
            if (token.Length >= 8 && (token.StartsWith(head[..headLength]) || token.IndexOf("***"u8) >= 0))
            {
                clean ??= new ArrayBufferWriter<byte>(span.Length);
                clean.Write(span[copied..start]);
                clean.Write(Replacement);
                copied = at;
            }
        }

        if (clean is null)
        {
            return body;
        }

        clean.Write(span[copied..]);
        return clean.WrittenMemory;
    }
}
