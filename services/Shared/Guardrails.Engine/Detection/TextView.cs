using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Guardrails.Engine.Detection;

/// <summary>
/// What is held of a text, as detectors see it. Of JSON they see the characters that the escapes in its strings stand for; each is still known by what it was written as,
/// so that what is not replaced goes on byte for byte as it came.
/// </summary>
internal sealed class TextView(bool isJson) : IDisposable
{
    private const int FirstSize = 256;

    // Both held prompts: the next renter must not see them, so they are cleared when they are given back.
    private char[] _seen = ArrayPool<char>.Shared.Rent(FirstSize);
    private Unit[] _units = isJson ? ArrayPool<Unit>.Shared.Rent(FirstSize) : [];

    private readonly StringBuilder _escape = new();
    private bool _inString;

    public int Length { get; private set; }

    public ReadOnlySpan<char> Text => _seen.AsSpan(0, Length);

    public void Append(ReadOnlySpan<char> text)
    {
        if (!isJson)
        {
            Grow(Length + text.Length);
            text.CopyTo(_seen.AsSpan(Length));
            Length += text.Length;
            return;
        }

        foreach (var c in text)
        {
            AppendJson(c);
        }
    }

    /// <summary>Nothing follows: an escape that is not finished counts as the characters it has.</summary>
    public void Complete()
    {
        var rest = _escape.ToString();
        _escape.Clear();
        foreach (var c in rest)
        {
            Add(c, c.ToString(), isInString: true);
        }
    }

    public void DropBefore(int start)
    {
        if (start <= 0)
        {
            return;
        }

        _seen.AsSpan(start, Length - start).CopyTo(_seen);
        if (isJson)
        {
            _units.AsSpan(start, Length - start).CopyTo(_units);
        }

        Length -= start;
    }

    public void CopyTo(StringBuilder target, int start, int end)
    {
        if (!isJson)
        {
            target.Append(_seen, start, end - start);
            return;
        }

        for (var i = start; i < end; i++)
        {
            if (_units[i].Raw is { } raw)
            {
                target.Append(raw);
            }
            else
            {
                target.Append(_seen[i]);
            }
        }
    }

    /// <summary>How many characters something was written in.</summary>
    public int WrittenLength(int start, int end)
    {
        var length = end - start;
        for (var i = start; isJson && i < end; i++)
        {
            length += (_units[i].Raw?.Length ?? 1) - 1;
        }

        return length;
    }

    /// <summary>The character that a place in what was written belongs to.</summary>
    public int SeenAt(int written)
    {
        if (!isJson)
        {
            return Math.Min(written, Length);
        }

        var at = 0;
        for (var i = 0; i < Length; i++)
        {
            at += _units[i].Raw?.Length ?? 1;
            if (at > written)
            {
                return i;
            }
        }

        return Length;
    }

    public bool IsJson => isJson;

    public bool IsInString(int index) => _units[index].IsInString;

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_seen, clearArray: true);
        if (isJson)
        {
            ArrayPool<Unit>.Shared.Return(_units, clearArray: true);
        }

        _seen = [];
        _units = [];
        Length = 0;
    }

    private void AppendJson(char c)
    {
        if (_escape.Length > 0)
        {
            _escape.Append(c);
            EndEscape();
        }
        else if (_inString && c == '\\')
        {
            _escape.Append(c);
        }
        else if (c == '"')
        {
            _inString = !_inString;
            Add(c, null, isInString: false);
        }
        else
        {
            Add(c, null, _inString);
        }
    }

    private void EndEscape()
    {
        var kind = _escape[1];
        if (kind == 'u')
        {
            if (_escape.Length < 6)
            {
                return;
            }

            var raw = _escape.ToString();
            if (ushort.TryParse(raw.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                _escape.Clear();
                Add((char)code, raw, isInString: true);
                return;
            }

            // Not an escape after all, and a quote in it would end the string.
            _escape.Clear();
            Add('\\', null, isInString: true);
            Append(raw.AsSpan(1));
            return;
        }

        var meaning = kind switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => kind };
        var written = _escape.ToString();
        _escape.Clear();
        Add(meaning, written, isInString: true);
    }

    private void Add(char seen, string? raw, bool isInString)
    {
        Grow(Length + 1);
        _seen[Length] = seen;
        _units[Length] = new Unit(raw, isInString);
        Length++;
    }

    private void Grow(int needed)
    {
        if (needed > _seen.Length)
        {
            _seen = Larger(_seen, needed);
        }

        if (isJson && needed > _units.Length)
        {
            _units = Larger(_units, needed);
        }
    }

    private T[] Larger<T>(T[] old, int needed)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(needed, old.Length * 2));
        old.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<T>.Shared.Return(old, clearArray: true);
        return larger;
    }

    private readonly record struct Unit(string? Raw, bool IsInString);
}
