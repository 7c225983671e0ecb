using System.Buffers;

namespace Gateway.Dialects.Framing;

/// <summary>
/// Cuts a stream of JSON objects: the elements of one array that arrive over time, or one object a line, or objects with nothing between them. Brackets of the
/// array, commas and white space between objects belong to no frame. Only nesting and strings are followed; whether an object is valid is the
/// reader's to say who parses it.
/// </summary>
/// <param name="maxFrameBytes">Longest object in bytes.</param>
public sealed class JsonFrameReader(int maxFrameBytes = Sse.SseFrameReader.DefaultMaxFrameBytes) : IFrameReader
{
    private static readonly SearchValues<byte> _structural = SearchValues.Create("{}[]\""u8);
    private static readonly SearchValues<byte> _inString = SearchValues.Create("\"\\"u8);

    private static readonly SearchValues<byte> _between = SearchValues.Create(" \t\r\n,[]"u8);

    private FrameBuffer _buffer = new(4096);
    private int _scanned;
    private int _depth;
    private bool _inText;
    private bool _escaped;

    /// <inheritdoc/>
    public bool HasPartialFrame => _depth > 0;

    /// <inheritdoc/>
    public bool Overflowed => _buffer.Length > maxFrameBytes;

    /// <inheritdoc/>
    public bool IsMalformed { get; private set; }

    /// <inheritdoc/>
    public Memory<byte> GetMemory() => _buffer.GetMemory();

    /// <inheritdoc/>
    public void Advance(int count) => _buffer.Advance(count);

    /// <inheritdoc/>
    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (_depth == 0 && !SkipBetween())
        {
            return false;
        }

        while (_scanned < _buffer.Length)
        {
            if (Step(_buffer.Held[_scanned..]) && _depth == 0)
            {
                frame = _buffer.Take(0, _scanned);
                _scanned = 0;
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public StreamFrame Open(ReadOnlyMemory<byte> frame) => new(default, frame);

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Goes on to the first byte of an object; false when none is there yet.</summary>
    private bool SkipBetween()
    {
        var held = _buffer.Held;
        var start = held.IndexOfAnyExcept(_between);
        // A byte order mark may lead the stream.
        if (start >= 0 && held[start..].StartsWith("\uFEFF"u8))
        {
            start += 3;
            var more = held[start..].IndexOfAnyExcept(_between);
            start = more < 0 ? held.Length : start + more;
        }

        if (start < 0 || start >= held.Length)
        {
            _buffer.Take(held.Length, 0);
            return false;
        }

        _buffer.Take(start, 0);
        IsMalformed |= held[start] != (byte)'{' && held[start] != 0xEF;
        return held[start] == (byte)'{';
    }

    /// <summary>Goes on to just after the next byte that matters; true when that byte closed something.</summary>
    private bool Step(ReadOnlySpan<byte> rest)
    {
        if (_escaped)
        {
            _escaped = false;
            _scanned++;
            return false;
        }

        var at = rest.IndexOfAny(_inText ? _inString : _structural);
        if (at < 0)
        {
            _scanned += rest.Length;
            return false;
        }

        _scanned += at + 1;
        switch (rest[at])
        {
            case (byte)'"':
                _inText = !_inText;
                return false;
            case (byte)'\\':
                _escaped = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            default:
                _depth--;
                return true;
        }
    }
}
