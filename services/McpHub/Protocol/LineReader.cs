namespace Gateway.McpHub.Protocol;

/// <summary>Reads lines from a stream, each at most as long as allowed.</summary>
internal sealed class LineReader(Stream stream, int maxBytes) : IDisposable
{
    private const int KeptBytes = 128;
    private const int SkipStep = 8 * 1024;

    private readonly ReadBuffer buffer = new(stream);

    /// <summary>Beginning and end of the last line that was skipped for its length, where <see cref="SkipsLong"/>; null when none was since it was set so.</summary>
    public byte[]? Skipped { get; set; }

    /// <summary>Whether a line that is too long is skipped instead of ending the reading.</summary>
    public bool SkipsLong { get; init; }

    /// <summary>The next line, without its end, in memory of its own; null at the end of the stream.</summary>
    /// <exception cref="MessageTooLargeException">A line is longer than allowed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation)
    {
        var searched = 0;
        var isSkipping = false;
        while (true)
        {
            var at = buffer.Span[searched..].IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = buffer.Span[..(searched + at)].TrimEnd((byte)'\r').ToArray();
                buffer.Skip(searched + at + 1);
                if (!isSkipping)
                {
                    return line;
                }

                Skipped = [.. Skipped!, .. line.AsSpan(Math.Max(0, line.Length - KeptBytes))];
                return ReadOnlyMemory<byte>.Empty;
            }

            searched = buffer.Length;
            if (searched > (isSkipping ? SkipStep : maxBytes))
            {
                if (!SkipsLong)
                {
                    throw new MessageTooLargeException(maxBytes);
                }

                if (!isSkipping)
                {
                    Skipped = buffer.Span[..KeptBytes].ToArray();
                }

                // The end is kept: it may be where the id stands.
                isSkipping = true;
                buffer.Skip(searched - KeptBytes);
                searched = KeptBytes;
            }

            if (!await buffer.FillAsync(cancellation).ConfigureAwait(false))
            {
                // Said with its type: a bare null would be an empty line.
                return searched == 0 || isSkipping ? (ReadOnlyMemory<byte>?)null : Rest();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    private ReadOnlyMemory<byte> Rest()
    {
        var rest = buffer.Span.ToArray();
        buffer.Skip(rest.Length);
        return rest;
    }
}
