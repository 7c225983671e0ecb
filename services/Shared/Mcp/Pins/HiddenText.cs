using System.Globalization;
using System.Text;

namespace Gateway.Mcp.Pins;

/// <summary>Characters that a model reads and a person does not see.</summary>
public static class HiddenText
{
    /// <summary>Whether a text has any: directional overrides, tags, invisible signs, control characters other than line ends and tabs.</summary>
    /// <param name="text">The text.</param>
    public static bool IsIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var before = default(Rune);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsHidden(rune, before))
            {
                return true;
            }

            before = rune;
        }

        return false;
    }

    /// <summary>The text with what is hidden written out, as <c>⟨U+200B⟩</c>.</summary>
    /// <param name="text">The text.</param>
    public static string Shown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsIn(text))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length + 32);
        var before = default(Rune);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsHidden(rune, before))
            {
                shown.Append(CultureInfo.InvariantCulture, $"⟨U+{rune.Value:X4}⟩");
            }
            else
            {
                shown.Append(rune.ToString());
            }

            before = rune;
        }

        return shown.ToString();
    }

    private static bool IsHidden(Rune rune, Rune before) => rune.Value switch
    {
        '\n' or '\r' or '\t' => false,

        // Joins the parts of one emoji, and shapes letters of scripts that need it.
        0x200C or 0x200D => before.Value < 0x0300,

        // Says how the sign before it is drawn: more than one, or on plain text, carries data.
        >= 0xFE00 and <= 0xFE0F => before.Value < 0x203C || before.Value is >= 0xFE00 and <= 0xFE0F,
        >= 0xE0100 and <= 0xE01EF => !IsIdeograph(before),
        0x00AD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 => true,
        0x2028 or 0x2029 => true,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate
            && rune.Value is not (>= 0x0600 and <= 0x0605) and not 0xFFFD,
    };

    private static bool IsIdeograph(Rune rune) => rune.Value is >= 0x3400 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x3FFFF;
}
