using System.Buffers;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Cuts a JSON array that arrives in pieces into its elements, whatever the sizes of the pieces. Frames come out as the exact bytes that went in, with the
/// bracket or comma before the element, so that joined again they are the stream; <see cref="Element"/> finds the element in one. A value that is no array is one frame.
/// Not thread-safe.
/// </summary>
public sealed class JsonArrayFrames : IDisposable
{
    /// <summary>Longest element in bytes when none is given: 64 MiB, as elements may hold pictures.</summary>
    public const int DefaultMaxFrameBytes = 64 * 1024 * 1024;

    private static readonly SearchValues<byte> _structure = SearchValues.Create("\"{}[],"u8);
    private static readonly SearchValues<byte> _stringEnds = SearchValues.Create("\"\\"u8);

    private readonly int _maxFrameBytes;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private int _scanned;
    private int _depth;
    private bool _inArray;
    private bool _inString;
    private bool _escaped;

    /// <summary>A reader whose elements have at most <paramref name="maxFrameBytes"/> bytes.</summary>
    public JsonArrayFrames(int maxFrameBytes = DefaultMaxFrameBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxFrameBytes, 16);
        _maxFrameBytes = maxFrameBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(4096);
    }

    /// <summary>True when the array's closing bracket, or the end of a value that is no array, was read.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True when bytes of an element that has not ended are held.</summary>
    public bool HasPartialFrame => _end > _start;

    /// <summary>True when the element under way is longer than allowed; reading must stop.</summary>
    public bool Overflowed => _end - _start > _maxFrameBytes;

    /// <summary>The JSON of the element in <paramref name="frame"/>, without what separates it from its neighbours; empty for the end of the array.</summary>
    public static ReadOnlyMemory<byte> Element(ReadOnlyMemory<byte> frame)
    {
        var span = frame.Span;
        var start = 0;
        while (start < span.Length && span[start] is (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t' or (byte)',' or (byte)'[' or 0xEF or 0xBB or 0xBF)
        {
            start++;
        }

        var end = span.Length;
        while (end > start && span[end - 1] is (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t' or (byte)',')
        {
            end--;
        }

        return start < end && span[start] == (byte)']' ? default : frame[start..end];
    }

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

    /// <summary>Takes the next whole element, or the end of the array. The memory is valid until <see cref="GetMemory"/> is called.</summary>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        while (_scanned < _end)
        {
            if (_inString)
            {
                SkipString();
                continue;
            }

            var next = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny(_structure);
            if (next < 0)
            {
                _scanned = _end;
                break;
            }

            _scanned += next + 1;
            if (Ends(_buffer[_scanned - 1]))
            {
                frame = _buffer.AsMemory(_start, _scanned - _start);
                _start = _scanned;
                return true;
            }
        }

        frame = default;
        return false;
    }

    /// <summary>Returns the buffer; frames are no longer valid.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Follows one structural character; true when it ends a frame.</summary>
    private bool Ends(byte structure)
    {
        switch (structure)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'[' when _depth == 0 && !_inArray && !IsClosed:
                _inArray = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)']' when _depth == 0:
                IsClosed |= _inArray;
                _inArray = false;
                return true;
            case (byte)'}' or (byte)']':
                _depth = Math.Max(_depth - 1, 0);
                IsClosed |= _depth == 0 && !_inArray;
                return _depth == 0;
            default:
                return false;
        }
    }

    private void SkipString()
    {
        if (_escaped)
        {
            _escaped = false;
            _scanned++;
            return;
        }

        var next = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny(_stringEnds);
        if (next < 0)
        {
            _scanned = _end;
            return;
        }

        _scanned += next + 1;
        _escaped = _buffer[_scanned - 1] == (byte)'\\';
        _inString = _escaped;
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
