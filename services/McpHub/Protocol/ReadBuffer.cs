using System.Buffers;

namespace Gateway.McpHub.Protocol;

/// <summary>What was read of a stream and not used yet, in a buffer that grows with the longest piece.</summary>
internal sealed class ReadBuffer(Stream stream) : IDisposable
{
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int start;
    private int end;

    /// <summary>How many bytes are there.</summary>
    public int Length => end - start;

    /// <summary>The bytes, valid until more are read.</summary>
    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(start, end - start);

    /// <summary>The bytes, valid until more are read.</summary>
    public ReadOnlySpan<byte> Span => bytes.AsSpan(start, end - start);

    /// <summary>Lets go of the first bytes.</summary>
    public void Skip(int count) => start += count;

    /// <summary>Reads more behind what is there; false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (start > 0 && (start == end || end == bytes.Length))
        {
            bytes.AsSpan(start, end - start).CopyTo(bytes);
            end -= start;
            start = 0;
        }

        if (end == bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
            bytes.AsSpan(start, end - start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }

        var read = await stream.ReadAsync(bytes.AsMemory(end), cancellation).ConfigureAwait(false);
        end += read;
        return read > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        start = end = 0;
    }
}
