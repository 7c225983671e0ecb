using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gateway.Governance.RequestLog.Search;

/// <summary>
/// The words of a text, and what is stored of them: keyed hashes. So a search finds a body by its words, and the index, which is not sealed, holds none of them.
/// Words are runs of letters and digits, without regard to case; of scripts that put no space between words each character is one.
/// </summary>
internal static class Words
{
    /// <summary>Different words of one entry that are found; later ones are not.</summary>
    public const int Most = 4_000;

    private const int Longest = 64;
    private const int HashChars = 10;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Adds the words of a body: of JSON those of its texts, not of its names.</summary>
    public static void OfBody(string text, HashSet<string> into)
    {
        if (text.Length == 0 || text[0] is not ('{' or '['))
        {
            Of(text, into);
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = 1024 });
            while (into.Count < Most && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String)
                {
                    Of(reader.GetString()!, into);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Of(text, into);
        }
    }

    /// <summary>Adds the words of a text.</summary>
    public static void Of(string text, HashSet<string> into)
    {
        if (!Ascii.IsValid(text))
        {
            text = Normal(text);
        }

        var start = -1;
        for (var i = 0; i <= text.Length && into.Count < Most; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            var stands = StandsAlone(c);
            if (!stands && (char.IsLetterOrDigit(c) || char.IsSurrogate(c) || IsMark(c)))
            {
                start = start < 0 ? i : start;
                continue;
            }

            if (start >= 0)
            {
                into.Add(text.AsSpan(start, Math.Min(Longest, i - start)).ToString().ToLowerInvariant());
                start = -1;
            }

            if (stands)
            {
                into.Add(c.ToString());
            }
        }
    }

    /// <summary>What is stored of a word.</summary>
    public static string Hash(byte[] key, string word)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(word), hash);
        var bits = BitConverter.ToUInt64(hash);
        return string.Create(HashChars, bits, static (span, value) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[(int)(value & 31)];
                value >>= 5;
            }
        });
    }

    /// <summary>What stands for a fact of an entry among its words: no word has a colon in it.</summary>
    public static string Fact(string name, string value) => $"{name}:{value}";

    public static string Hour(long micros) => Fact("hour", (micros / 3_600_000_000).ToString(CultureInfo.InvariantCulture));

    public static string Day(long micros) => Fact("day", (micros / 86_400_000_000).ToString(CultureInfo.InvariantCulture));

    private static string Normal(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // A lone surrogate: it is no letter of any word.
            return text;
        }
    }

    private static bool IsMark(char c) => c > '\u0300' && CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // Han, kana, Thai, Lao, Khmer, Burmese: scripts without spaces.
    private static bool StandsAlone(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') or (>= '\u0E00' and <= '\u0EFF') or (>= '\u1000' and <= '\u109F') or (>= '\u1780' and <= '\u17FF');
}
