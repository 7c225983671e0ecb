using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>
/// One file of records: a header of 16 bytes (mark, kind, length, checksum of the payload, checksum of these) and a payload. Records are appended and can be erased
/// in place; nothing else changes. A process that is killed leaves at most one unfinished record at the end, which the next start cuts off.
/// </summary>
internal sealed class SegmentFile : IDisposable
{
    public const int Header = 16;
    public const int MaxPayload = 64 * 1024 * 1024;

    private const ushort Mark = 0x4C53;
    private const byte Live = 1;
    private const byte Erased = 2;

    private readonly SafeFileHandle _file;

    private SegmentFile(string path, long number, SafeFileHandle file)
    {
        Path = path;
        Number = number;
        _file = file;
    }

    public string Path { get; }

    public long Number { get; }

    /// <summary>Bytes with records; there may be rubbish of a failed write behind.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of erased records.</summary>
    public long Dead { get; private set; }

    public bool IsDirty { get; private set; }

    public static SegmentFile Open(string path, long number)
        => new(path, number, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, FileOptions.Asynchronous));

    /// <summary>Appends a record; answers its offset.</summary>
    /// <exception cref="IOException">The disk is full or broken; nothing was added.</exception>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var size = Header + payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            WriteHeader(buffer, Live, payload.Length, Checksum(payload.Span));
            payload.Span.CopyTo(buffer.AsSpan(Header));
            await RandomAccess.WriteAsync(_file, buffer.AsMemory(0, size), Length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var offset = Length;
        Length += size;
        IsDirty = true;
        return offset;
    }

    /// <summary>The payload of a live record, or null where it was erased or is damaged.</summary>
    public async ValueTask<byte[]?> ReadAsync(long offset, int length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Header + length);
        try
        {
            var read = await ReadFullAsync(buffer.AsMemory(0, Header + length), offset, cancellationToken).ConfigureAwait(false);
            return read ? Payload(buffer, length) : null;
        }
        catch (ObjectDisposedException)
        {
            // The entry moved while it was asked for: its file is gone.
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, on this thread.</summary>
    public byte[]? Read(long offset, int length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Header + length);
        try
        {
            for (var have = 0; have < Header + length;)
            {
                var read = RandomAccess.Read(_file, buffer.AsSpan(have, Header + length - have), offset + have);
                if (read == 0)
                {
                    return null;
                }

                have += read;
            }

            return Payload(buffer, length);
        }
        catch (ObjectDisposedException)
        {
            // The entry moved while it was asked for: its file is gone.
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Makes a record unreadable for good: marked first, then overwritten with zeros.</summary>
    public async ValueTask EraseAsync(long offset, int length, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(Header, length));
        try
        {
            WriteHeader(buffer, Erased, length, 0);
            await RandomAccess.WriteAsync(_file, buffer.AsMemory(0, Header), offset, cancellationToken).ConfigureAwait(false);
            buffer.AsSpan(0, length).Clear();
            await RandomAccess.WriteAsync(_file, buffer.AsMemory(0, length), offset + Header, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        Dead += Header + length;
        IsDirty = true;
    }

    /// <summary>
    /// Reads all records in order. What follows the last whole one is cut off; answers false where that was more than an unfinished record can be, which means
    /// that the file is damaged.
    /// </summary>
    public async ValueTask<bool> LoadAsync(Func<long, byte[], ValueTask> record, CancellationToken cancellationToken)
    {
        var size = RandomAccess.GetLength(_file);
        var header = new byte[Header];
        var damaged = false;
        while (Length + Header <= size)
        {
            await ReadFullAsync(header, Length, cancellationToken).ConfigureAwait(false);
            if (!IsHeader(header, out var kind, out var length, out var checksum))
            {
                // A torn header can only be the last thing in the file.
                damaged = size - Length > MaxPayload || await HasRecordBehindAsync(size, cancellationToken).ConfigureAwait(false);
                break;
            }

            if (Length + Header + length > size)
            {
                break;
            }

            var payload = new byte[length];
            await ReadFullAsync(payload, Length + Header, cancellationToken).ConfigureAwait(false);
            var offset = Length;
            Length += Header + length;
            if (kind == Live && Checksum(payload) == checksum)
            {
                await record(offset, payload).ConfigureAwait(false);
            }
            else if (kind == Live || payload.AsSpan().ContainsAnyExcept((byte)0))
            {
                // Half written, or half erased.
                await EraseAsync(offset, length, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                Dead += Header + length;
            }
        }

        if (!damaged && Length < size)
        {
            RandomAccess.SetLength(_file, Length);
        }

        return !damaged;
    }

    public void FlushToDisk()
    {
        IsDirty = false;
        RandomAccess.FlushToDisk(_file);
    }

    public void Delete()
    {
        _file.Dispose();
        File.Delete(Path);
    }

    public void Dispose() => _file.Dispose();

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>The payload of a record that was read whole; null where it is not live, not the one that is meant, or damaged.</summary>
    private static byte[]? Payload(ReadOnlySpan<byte> record, int length)
        => IsHeader(record, out var kind, out var found, out var checksum) && kind == Live && found == length && Checksum(record.Slice(Header, length)) == checksum
            ? record.Slice(Header, length).ToArray()
            : null;

    private static void WriteHeader(Span<byte> to, byte kind, int length, uint checksum)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, Mark);
        to[2] = kind;
        to[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Checksum(to[..12]));
    }

    private static bool IsHeader(ReadOnlySpan<byte> from, out byte kind, out int length, out uint checksum)
    {
        kind = from[2];
        length = BinaryPrimitives.ReadInt32LittleEndian(from[4..]);
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(from) == Mark && length is >= 0 and <= MaxPayload && kind is Live or Erased
            && BinaryPrimitives.ReadUInt32LittleEndian(from[12..]) == Checksum(from[..12]);
    }

    private async ValueTask<bool> HasRecordBehindAsync(long size, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        for (var at = Length + 1; at + Header <= size; at += buffer.Length - Header)
        {
            var read = await RandomAccess.ReadAsync(_file, buffer, at, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i + Header <= read; i++)
            {
                if (IsHeader(buffer.AsSpan(i, Header), out _, out _, out _))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private async ValueTask<bool> ReadFullAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            var read = await RandomAccess.ReadAsync(_file, buffer, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            buffer = buffer[read..];
            offset += read;
        }

        return true;
    }
}
