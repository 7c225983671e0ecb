using System.Buffers;
using Gateway.Dialects.Framing;

namespace Gateway.Dialects.Sse;

/// <summary>
/// Cuts a byte stream into server-sent events, whatever the sizes of the pieces it arrives in: lines end with LF, CR or CRLF, an empty
/// line ends an event (WHATWG HTML, "Server-sent events"). Frames come out as the exact bytes that went in, so that joined again they are the
/// stream. Not thread-safe.
/// </summary>
public sealed class SseFrameReader : IFrameReader
{
    /// <summary>Longest event in bytes when none is given: 8 MiB.</summary>
    public const int DefaultMaxFrameBytes = 8 * 1024 * 1024;

    private static readonly SearchValues<byte> _lineEnds = SearchValues.Create("\r\n"u8);

    private readonly int _maxFrameBytes;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private int _scanned;
    private bool _lineIsEmpty = true;
    private bool _pendingCr;
    private bool _frameHasBytes;

    /// <summary>A reader whose events have at most <paramref name="maxFrameBytes"/> bytes.</summary>
    public SseFrameReader(int maxFrameBytes = DefaultMaxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 16);
        _maxFrameBytes = maxFrameBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(4096);
    }

    /// <summary>True when bytes of an event that has not ended are held.</summary>
    public bool HasPartialFrame => _end > _start;

    /// <summary>True when the event under way is longer than allowed; reading must stop.</summary>
    public bool Overflowed => _end - _start > _maxFrameBytes;

    /// <summary>Never: any bytes are events.</summary>
    public bool IsMalformed => false;

    /// <summary>Room to read the next piece into; call <see cref="Advance"/> with what was filled. Invalidates frames returned before.</summary>
    public Memory<byte> GetMemory()
    {
        if (_start == _end)
        {
            _scanned = _start = _end = 0;
        }

        if (_buffer.Length - _end < 1024)
        {
            MakeRoom();
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Tells that <paramref name="count"/> bytes were written into <see cref="GetMemory"/>.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += count;
    }

    /// <summary>Takes the next whole event, its closing empty line included. The memory is valid until <see cref="GetMemory"/> is called.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        while (_scanned < _end)
        {
            if (_pendingCr)
            {
                // The piece before ended between CR and LF: together they are one line end, already counted.
                _pendingCr = false;
                if (_buffer[_scanned] == (byte)'\n')
                {
                    _scanned++;
                    continue;
                }
            }

            var rest = _buffer.AsSpan(_scanned, _end - _scanned);
            var lineEnd = rest.IndexOfAny(_lineEnds);
            if (lineEnd != 0)
            {
                _lineIsEmpty = false;
                _frameHasBytes = true;
            }

            if (lineEnd < 0)
            {
                _scanned = _end;
                break;
            }

            _scanned += lineEnd + 1;
            if (rest[lineEnd] == (byte)'\r')
            {
                // An event that a bare CR ends is given out at once, although an LF may follow: waiting would hold it back for as long as the
                // provider pauses. The LF, if it comes, leads the next frame, where it means nothing.
                _pendingCr = _scanned == _end;
                if (!_pendingCr && _buffer[_scanned] == (byte)'\n')
                {
                    _scanned++;
                }
            }

            var endsFrame = _lineIsEmpty && _frameHasBytes;
            _lineIsEmpty = true;
            if (endsFrame)
            {
                frame = _buffer.AsMemory(_start, _scanned - _start);
                _start = _scanned;
                _frameHasBytes = false;
                return true;
            }
        }

        frame = default;
        return false;
    }

    /// <summary>The name and the data of an event.</summary>
    public StreamFrame Open(ReadOnlyMemory<byte> frame) => new(SseData.FindEvent(frame), SseData.Find(frame));

    /// <summary>Returns the buffer; frames are no longer valid.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        if (held <= _buffer.Length / 2 && _start > 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, held).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _scanned -= _start;
        _end = held;
        _start = 0;
    }
}
