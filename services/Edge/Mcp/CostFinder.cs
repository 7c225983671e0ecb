using System.Buffers.Text;
using System.Text;
using Gateway.Contracts;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Finds in an answer of the hub, as it passes, what it says of the call's cost in <c>_meta</c>: what the calls of a program cost, or that a call was refused or waits for approval and was not made. In texts the quotation
/// marks of such a member are escaped, so nothing that a tool or a program says is taken for it.
/// </summary>
internal sealed class CostFinder
{
    private const int LongestValue = 64;

    private static readonly byte[] _mark = "\"_meta\":{\"gateway/"u8.ToArray();
    private static readonly byte[] _cost = Encoding.UTF8.GetBytes($"{WireNames.McpCostMember["gateway/".Length..]}\":");
    private static readonly int[] _back = Back(_mark);

    private readonly byte[] _value = new byte[LongestValue];
    private int _matched;
    private int _length = -1;

    /// <summary>The cost in nano-US-dollars; null as long as none was found.</summary>
    public long? NanoUsd { get; private set; }

    /// <summary>True when the hub says that the call was not made.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>Takes the next piece of the answer.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        foreach (var b in piece)
        {
            if (_length >= 0)
            {
                if (b is not ((byte)',' or (byte)'}') && _length < LongestValue)
                {
                    _value[_length++] = b;
                    continue;
                }

                Take(_value.AsSpan(0, _length));
                _length = -1;
            }

            while (_matched > 0 && b != _mark[_matched])
            {
                _matched = _back[_matched - 1];
            }

            _matched += b == _mark[_matched] ? 1 : 0;
            if (_matched == _mark.Length)
            {
                (_matched, _length) = (0, 0);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> member)
    {
        if (member.StartsWith(_cost) && Utf8Parser.TryParse(member[_cost.Length..], out long value, out var used) && used == member.Length - _cost.Length && value >= 0)
        {
            NanoUsd = value;
        }

        WasRefused |= member.StartsWith("refusal\""u8) || member.StartsWith("approval\""u8);
    }

    private static int[] Back(byte[] mark)
    {
        var back = new int[mark.Length];
        for (int i = 1, k = 0; i < mark.Length; i++)
        {
            while (k > 0 && mark[i] != mark[k])
            {
                k = back[k - 1];
            }

            back[i] = k += mark[i] == mark[k] ? 1 : 0;
        }

        return back;
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
