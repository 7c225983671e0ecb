using System.Buffers.Text;
using System.Text;
using Gateway.Contracts;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Finds in an answer of the hub, as it passes, what the calls of a program cost. In the text that a program returns the quotation marks of such a member would be escaped, so no program can say it.
/// </summary>
internal sealed class CostFinder
{
    private const int LongestNumber = 20;

    private static readonly byte[] _mark = Encoding.UTF8.GetBytes($"{{\"{WireNames.McpCostMember}\":");

    private readonly byte[] _digits = new byte[LongestNumber];
    private int _matched;
    private int _length;
    private bool _reads;

    /// <summary>The cost in nano-US-dollars; null as long as none was found.</summary>
    public long? NanoUsd { get; private set; }

    /// <summary>Takes the next piece of the answer.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        foreach (var b in piece)
        {
            if (_reads)
            {
                if (b is >= (byte)'0' and <= (byte)'9' && _length < LongestNumber)
                {
                    _digits[_length++] = b;
                    continue;
                }

                _reads = false;
                NanoUsd = Utf8Parser.TryParse(_digits.AsSpan(0, _length), out long value, out var used) && used == _length && _length > 0 ? value : NanoUsd;
            }

            // The mark begins with a character that it does not have again, so no match can begin within another.
            _matched = b == _mark[_matched] ? _matched + 1 : b == _mark[0] ? 1 : 0;
            if (_matched == _mark.Length)
            {
                (_matched, _length, _reads) = (0, 0, true);
            }
        }
    }
}

/// <summary>The answer's body, looked at as it is written.</summary>
internal sealed class WatchedBody(Stream inner, CostFinder finder) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        finder.Read(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException("Write asynchronously.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
