using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Chat;

/// <summary>
/// Takes the free text out of <c>{"input": "…"}</c>, as it arrives. What a model wrote otherwise waits for its end: the member <c>input</c> of it, or its only text, or
/// all of it as it is.
/// </summary>
internal sealed class FreeTextUnwrapper
{
    private const string Member = "\"" + ToolArguments.FreeText + "\"";

    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _escape = new();
    private State _state = State.Before;
    private char _half;

    private enum State
    {
        Before,
        Within,
        After,
        Other,
    }

    /// <summary>The text in whole arguments.</summary>
    public static string Unwrap(string arguments)
    {
        var unwrapper = new FreeTextUnwrapper();
        var text = unwrapper.Add(arguments);
        return text + unwrapper.End();
    }

    /// <summary>Reads a piece of the arguments.</summary>
    /// <returns>The text that is certain by now and was not given before.</returns>
    public string Add(string piece)
    {
        if (_state is State.Before or State.Other)
        {
            _raw.Append(piece);
            if (_state == State.Other)
            {
                return "";
            }

            var raw = _raw.ToString();
            var at = Beginning(raw);
            if (at <= 0)
            {
                _state = at < 0 ? State.Other : State.Before;
                return "";
            }

            _state = State.Within;
            piece = raw[at..];
        }

        var text = new StringBuilder(piece.Length + 1);
        foreach (var c in piece)
        {
            if (_state == State.After)
            {
                break;
            }

            Read(c, text);
        }

        return text.ToString();
    }

    /// <summary>The text that is left when the arguments have ended.</summary>
    public string End()
    {
        if (_state is State.Within or State.After)
        {
            // Arguments may be cut; half of a pair of surrogates is no text.
            return _half == '\0' ? "" : "\uFFFD";
        }

        var raw = _raw.ToString();
        if (!LenientJson.TryParse(raw, out var element) || element.ValueKind != JsonValueKind.Object)
        {
            return raw;
        }

        if (element.TryGetProperty(ToolArguments.FreeText, out var input) && input.ValueKind == JsonValueKind.String)
        {
            return input.GetString()!;
        }

        var members = element.EnumerateObject().ToList();
        return members.Count == 0 ? "" : members is [{ Value.ValueKind: JsonValueKind.String } only] ? only.Value.GetString()! : raw;
    }

    /// <summary>Where the text begins in <c>{"input": "</c>; 0 when more must come to tell; -1 when it is something else.</summary>
    private static int Beginning(string raw)
    {
        var at = 0;
        foreach (var expected in (ReadOnlySpan<string>)["{", Member, ":", "\""])
        {
            while (at < raw.Length && char.IsWhiteSpace(raw[at]))
            {
                at++;
            }

            var length = Math.Min(expected.Length, raw.Length - at);
            if (string.CompareOrdinal(raw, at, expected, 0, length) != 0)
            {
                return -1;
            }

            if (length < expected.Length)
            {
                return 0;
            }

            at += length;
        }

        return at;
    }

    private void Read(char c, StringBuilder text)
    {
        if (_escape.Length > 0)
        {
            _escape.Append(c);
            if (_escape[1] != 'u' || _escape.Length == 6)
            {
                Append(Unescape(_escape.ToString()), text);
                _escape.Clear();
            }
        }
        else if (c == '\\')
        {
            _escape.Append(c);
        }
        else if (c == '"')
        {
            if (_half != '\0')
            {
                text.Append('\uFFFD');
                _half = '\0';
            }

            _state = State.After;
        }
        else
        {
            Append(c, text);
        }
    }

    /// <summary>Half of a pair of surrogates waits for the other half, so that no piece is invalid by itself.</summary>
    private void Append(char c, StringBuilder text)
    {
        if (_half != '\0')
        {
            text.Append(char.IsLowSurrogate(c) ? _half : '\uFFFD');
            _half = '\0';
            if (char.IsLowSurrogate(c))
            {
                text.Append(c);
                return;
            }
        }

        if (char.IsHighSurrogate(c))
        {
            _half = c;
        }
        else
        {
            text.Append(char.IsLowSurrogate(c) ? '\uFFFD' : c);
        }
    }

    private static char Unescape(string escape) => escape[1] switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => ushort.TryParse(escape.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : '\uFFFD',
        var other => other,
    };
}
