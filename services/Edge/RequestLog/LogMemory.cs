using System.Buffers;

namespace Gateway.Edge.RequestLog;

/// <summary>What all bodies together may take in memory, from their capture until they are on disk. Beyond it bodies are left out, and counted.</summary>
internal sealed class LogMemory
{
    /// <summary>Default limit: 128 MiB.</summary>
    public const long DefaultMost = 128L * 1024 * 1024;

    private readonly long _most;
    private long _taken;

    public LogMemory(long most = DefaultMost) => _most = most;

    /// <summary>Bytes taken at the moment.</summary>
    public long Taken => Volatile.Read(ref _taken);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= _most)
        {
            return true;
        }

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void Give(int bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>The beginning of a body, in a pooled buffer that grows up to a bound. One thread at a time; returned once.</summary>
internal sealed class CapturedBytes(LogMemory memory, int most)
{
    private const int First = 4096;

    private byte[] _buffer = [];

    /// <summary>All bytes there were.</summary>
    public long Total { get; private set; }

    /// <summary>Bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>True when memory ran out, rather than the bound of one body.</summary>
    public bool IsStarved { get; private set; }

    public bool IsCut => Total > Length;

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var isWhole = !IsCut;
        Total += bytes.Length;
        if (!isWhole || bytes.IsEmpty)
        {
            return;
        }

        var kept = bytes[..Math.Min(bytes.Length, most - Length)];
        if (Length + kept.Length > _buffer.Length && !Grow(Length + kept.Length))
        {
            kept = kept[..(_buffer.Length - Length)];
        }

        kept.CopyTo(_buffer.AsSpan(Length));
        Length += kept.Length;
    }

    public void Return()
    {
        var buffer = _buffer;
        (_buffer, Length) = ([], 0);
        if (buffer.Length > 0)
        {
            memory.Give(buffer.Length);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Grow(int least)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(Math.Max(First, least), _buffer.Length * 2), Math.Max(least, most)));
        if (!memory.TryTake(grown.Length))
        {
            IsStarved = true;
            ArrayPool<byte>.Shared.Return(grown);
            return false;
        }

        _buffer.AsSpan(0, Length).CopyTo(grown);
        if (_buffer.Length > 0)
        {
            memory.Give(_buffer.Length);
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = grown;
        return true;
    }
}
