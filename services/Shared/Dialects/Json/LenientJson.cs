using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Gateway.Dialects.Json;

/// <summary>
/// Parses JSON from outside so that nothing read from it later can throw: invalid UTF-8 and escaped halves of surrogate pairs, which System.Text.Json
/// notices only when a string is asked for, become U+FFFD first.
/// </summary>
internal static class LenientJson
{
    /// <summary>Parses one JSON value; the element owns its memory.</summary>
    /// <returns>False when the bytes are not JSON or nested too deeply.</returns>
    public static bool TryParse(ReadOnlySpan<byte> json, out JsonElement element)
    {
        try
        {
            element = Parse(json);
            return true;
        }
        catch (JsonException)
        {
            element = default;
            return false;
        }
    }

    /// <summary>Parses one JSON value from text; the element owns its memory.</summary>
    /// <returns>False when the text is not JSON or nested too deeply.</returns>
    public static bool TryParse(string json, out JsonElement element) => TryParse(Encoding.UTF8.GetBytes(json), out element);

    /// <summary>Parses one JSON object; the element owns its memory.</summary>
    /// <returns>False when the bytes are no JSON object.</returns>
    public static bool TryParseObject(ReadOnlySpan<byte> json, out JsonElement element) =>
        TryParse(json, out element) && element.ValueKind == JsonValueKind.Object;

    /// <summary>Parses one JSON value; the element owns its memory.</summary>
    /// <exception cref="JsonException">The bytes are not JSON, or nested too deeply.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        if (json.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        if (!Utf8.IsValid(json))
        {
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        }

        if (FindLoneSurrogate(json, 0) is >= 0 and var at)
        {
            var copy = json.ToArray();
            for (; at >= 0; at = FindLoneSurrogate(copy, at))
            {
                "\\ufffd"u8.CopyTo(copy.AsSpan(at));
            }

            json = copy;
        }

        return JsonElement.Parse(json);
    }

    /// <summary>Position of the backslash of the first escaped surrogate without its other half, from <paramref name="start"/> on; -1 when there is none.</summary>
    private static int FindLoneSurrogate(ReadOnlySpan<byte> json, int start)
    {
        for (var i = start; i < json.Length; i++)
        {
            var next = json[i..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return -1;
            }

            i += next;
            if (!TryCodeUnit(json, i, out var unit))
            {
                // The escaped character may itself be a backslash: it is no beginning.
                i++;
                continue;
            }

            if (char.IsHighSurrogate(unit) && TryCodeUnit(json, i + 6, out var second) && char.IsLowSurrogate(second))
            {
                i += 11;
            }
            else if (char.IsSurrogate(unit))
            {
                return i;
            }
            else
            {
                i += 5;
            }
        }

        return -1;
    }

    private static bool TryCodeUnit(ReadOnlySpan<byte> json, int at, out char unit)
    {
        unit = '\0';
        if (at + 6 > json.Length || json[at] != (byte)'\\' || json[at + 1] != (byte)'u')
        {
            return false;
        }

        var valid = ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        unit = (char)value;
        return valid;
    }
}
