using System.Buffers;

namespace Gateway.Dialects.Framing;

/// <summary>The pooled bytes that a frame reader has and has not given out yet.</summary>
internal struct FrameBuffer(int initialBytes) : IDisposable
{
    private const int MinRoom = 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(initialBytes);

    public int Start { get; private set; }

    public int End { get; private set; }

    /// <summary>What is held, from the first byte not given out.</summary>
    public readonly ReadOnlySpan<byte> Held => _buffer.AsSpan(Start, End - Start);

    public readonly int Length => End - Start;

    /// <summary>Room for the next piece. What is held keeps its offsets from <see cref="Start"/>.</summary>
    public Memory<byte> GetMemory()
    {
        if (Start == End)
        {
            Start = End = 0;
        }

        if (_buffer.Length - End < MinRoom)
        {
            MakeRoom();
        }

        return _buffer.AsMemory(End);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - End);
        End += count;
    }

    /// <summary>Gives out <paramref name="length"/> bytes after leaving out <paramref name="skip"/>.</summary>
    public ReadOnlyMemory<byte> Take(int skip, int length)
    {
        var taken = _buffer.AsMemory(Start + skip, length);
        Start += skip + length;
        return taken;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        Start = End = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        var held = Length;
        if (held <= _buffer.Length / 2 && Start > 0)
        {
            _buffer.AsSpan(Start, held).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length, MinRoom) * 2);
            _buffer.AsSpan(Start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        Start = 0;
        End = held;
    }
}
