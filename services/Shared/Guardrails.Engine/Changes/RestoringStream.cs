using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>
/// Puts originals back in one text that comes in pieces, wherever it was cut. Of pseudonyms that begin at one place the longest counts; one that begins or ends with a
/// letter or a digit counts only as a whole word. In JSON, pseudonyms are looked for inside strings, whatever escapes they are written with, and everything else goes on
/// byte for byte. For one thread.
/// </summary>
/// <param name="restorer">The pseudonyms.</param>
/// <param name="isJson">True for JSON as on the wire, such as arguments of a tool call.</param>
[SuppressMessage("Naming", "CA1711", Justification = "It is a stream in the sense of the gateway's: text that comes in pieces.")]
public sealed class RestoringStream(PseudonymRestorer restorer, bool isJson = false)
{
    private readonly List<Unit> _held = [];
    private readonly StringBuilder _escape = new();
    private readonly StringBuilder _released = new();
    private char _before = ' ';
    private bool _inString;

    /// <summary>How many characters are kept back at the moment.</summary>
    public int Held => _held.Count + _escape.Length;

    /// <summary>Takes the next piece.</summary>
    /// <param name="text">The piece.</param>
    /// <returns>What may be passed on now.</returns>
    public string Push(ReadOnlySpan<char> text)
    {
        if (restorer.IsEmpty)
        {
            return text.ToString();
        }

        foreach (var c in text)
        {
            Read(c);
        }

        return Take(isComplete: false);
    }

    /// <summary>Says that nothing follows.</summary>
    /// <returns>The rest.</returns>
    public string Complete()
    {
        foreach (var c in _escape.ToString())
        {
            _held.Add(new Unit(c, null, IsText: true));
        }

        _escape.Clear();
        return Take(isComplete: true);
    }

    private string Take(bool isComplete)
    {
        var done = 0;
        while (done < _held.Count && TryStep(ref done, isComplete))
        {
        }

        _held.RemoveRange(0, done);
        var text = _released.ToString();
        _released.Clear();
        return text;
    }

    /// <summary>Decides what becomes of the character at <paramref name="at"/>; false when that depends on what follows.</summary>
    private bool TryStep(ref int at, bool isComplete)
    {
        var (state, end) = (0, at);
        string? found = null;
        var foundEnd = at;
        var undecided = false;
        for (; end < _held.Count && _held[end].IsText; end++)
        {
            state = restorer.Move(state, _held[end].Seen);
            if (state < 0)
            {
                break;
            }

            if (restorer.EndOf(state) is { } pseudonym && IsWhole(pseudonym, end + 1, isComplete) is var whole && whole != false)
            {
                // Whether it ends here is not known yet; what is longer may be all the same.
                undecided = whole is null;
                (found, foundEnd) = (pseudonym, end + 1);
            }
        }

        if (!isComplete && (undecided || (state >= 0 && end == _held.Count)))
        {
            return false;
        }

        if (found is null)
        {
            Pass(_held[at]);
            at++;
            return true;
        }

        var original = restorer.OriginalOf(found);
        if (isJson)
        {
            JsonText.AppendEscaped(_released, original);
        }
        else
        {
            _released.Append(original);
        }

        _before = found[^1];
        at = foundEnd;
        return true;
    }

    /// <summary>Whether a pseudonym stands alone: nothing that continues a word before or after. Null: what follows is not known.</summary>
    private bool? IsWhole(string pseudonym, int end, bool isComplete)
    {
        if (char.IsLetterOrDigit(pseudonym[0]) && char.IsLetterOrDigit(_before))
        {
            return false;
        }

        if (!char.IsLetterOrDigit(pseudonym[^1]))
        {
            return true;
        }

        return end < _held.Count ? !(_held[end].IsText && char.IsLetterOrDigit(_held[end].Seen)) : isComplete ? true : null;
    }

    private void Pass(Unit unit)
    {
        _before = unit.Seen;
        if (unit.Raw is { } raw)
        {
            _released.Append(raw);
        }
        else
        {
            _released.Append(unit.Seen);
        }
    }

    private void Read(char c)
    {
        if (!isJson)
        {
            _held.Add(new Unit(c, null, IsText: true));
        }
        else if (_escape.Length > 0)
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
            _held.Add(new Unit(c, null, IsText: false));
        }
        else
        {
            _held.Add(new Unit(c, null, _inString));
        }
    }

    private void EndEscape()
    {
        var raw = _escape.ToString();
        if (raw[1] == 'u' && raw.Length < 6)
        {
            return;
        }

        _escape.Clear();
        if (raw[1] != 'u')
        {
            _held.Add(new Unit(raw[1] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', var other => other }, raw, IsText: true));
        }
        else if (ushort.TryParse(raw.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            _held.Add(new Unit((char)code, raw, IsText: true));
        }
        else
        {
            // Not an escape after all, and a quote in it would end the string.
            _held.Add(new Unit('\\', null, IsText: true));
            foreach (var c in raw.AsSpan(1))
            {
                Read(c);
            }
        }
    }

    private readonly record struct Unit(char Seen, string? Raw, bool IsText);
}
