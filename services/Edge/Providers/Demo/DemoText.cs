using System.Globalization;
using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>
/// The demo's tokens and words. A token is a word with the space before it, or four characters of a longer one: not any real
/// tokenizer's count, but the same every time.
/// </summary>
internal static class DemoText
{
    private const int LongestPiece = 16;
    private const int LongestEcho = 240;
    private const int MostStops = 16;

    /// <summary>How to get a real answer; the end of every text.</summary>
    public const string HowToAddProvider =
        "For real answers add a provider: set its key (for example OPENAI_API_KEY) before the gateway starts, or add it under 'providers' in the configuration file or in the admin API.";

    /// <summary>Says what this is.</summary>
    public const string Introduction = "This is the gateway's built-in demo model. It does not think; it only shows that the gateway works.";

    /// <summary>Cuts a text into the pieces it is streamed in; each counts as one token.</summary>
    public static List<string> Pieces(string text)
    {
        var pieces = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = start + 1;
            while (end < text.Length && end - start < LongestPiece && text[end] != ' ')
            {
                end++;
            }

            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
            {
                end++;
            }

            pieces.Add(text[start..end]);
            start = end;
        }

        return pieces;
    }

    /// <summary>Tokens of a text without the cost of cutting it up.</summary>
    public static long Tokens(ReadOnlySpan<char> text)
    {
        long tokens = 0;
        foreach (var word in text.SplitAny(" \n\r\t"))
        {
            var length = word.End.Value - word.Start.Value;
            tokens += (length + 3) / 4;
        }

        return tokens;
    }

    /// <summary>The beginning of a text in quotes.</summary>
    public static string Quote(string text)
    {
        var flat = text.ReplaceLineEndings(" ").Trim();
        if (flat.Length <= LongestEcho)
        {
            return $"\"{flat}\"";
        }

        var end = char.IsHighSurrogate(flat[LongestEcho - 1]) ? LongestEcho - 1 : LongestEcho;
        return $"\"{flat[..end]}…\"";
    }

    /// <summary>A number with its noun.</summary>
    public static string Some(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>The text up to the first of the request's stop sequences.</summary>
    public static string UntilStop(JsonElement body, string text)
    {
        string[] stops = DemoJson.Member(body, "stop") switch
        {
            null => [],
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() <= MostStops && many.EnumerateArray().All(static s => s.ValueKind == JsonValueKind.String)
                => [.. many.EnumerateArray().Select(static s => s.GetString()!)],
            _ => throw DemoFaultException.Invalid("stop", "a string or an array of strings"),
        };
        foreach (var stop in stops.Where(static s => s.Length > 0))
        {
            if (text.IndexOf(stop, StringComparison.Ordinal) is var at and >= 0)
            {
                text = text[..at];
            }
        }

        return text;
    }
}
