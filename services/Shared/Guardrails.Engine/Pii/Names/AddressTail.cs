using System.Buffers;

namespace Gateway.Guardrails.Engine.Pii.Names;

[Flags]
internal enum AddressParts
{
    None = 0,
    Unit = 1,
    Code = 2,
    Place = 4,
}

/// <summary>What follows a street: unit, town, state, code, country, on one line or on several.</summary>
internal static class AddressTail
{
    private const int MostWords = 14;

    private static readonly SearchValues<char> _breaks = SearchValues.Create(" ,\n\r\t>?");

    public static (int End, AddressParts Parts) Read(in PiiScan scan, int index, int end, bool isCertain)
    {
        var parts = AddressParts.None;
        var townWords = 0;
        bool? isSmall = null;
        for (var i = index; i < index + MostWords && scan.TryToken(i, out var token); i++)
        {
            var between = scan.Text[end..token.Start];

            // «út 81. Suite 540»: the dot of a number that counts.
            between = i == index && between.StartsWith(".") && between.Length > 1 && char.IsAsciiDigit(scan.Text[end - 1]) ? between[1..] : between;
            if (!IsBreak(between, out var isStrong))
            {
                break;
            }

            if (AddressRecognizer.IsUnit(scan, i) && scan.TryToken(i + 1, out var number))
            {
                parts |= AddressParts.Unit;
                (end, i, townWords) = (number.End, i + 1, 0);
                continue;
            }

            if (token.Has(Shape.Digits))
            {
                if (!IsCode(scan, token, out var codeEnd) || parts.HasFlag(AddressParts.Code))
                {
                    break;
                }

                parts |= AddressParts.Code;
                (end, townWords) = (codeEnd, 0);
                i += codeEnd > token.End ? 1 : 0;
                continue;
            }

            if (!isCertain && parts == 0)
            {
                break;
            }

            if (token.Is(WordClass.Phrase) && Places.Phrase(scan, i) is { Class: not WordClass.None } phrase && (phrase.Class & WordClass.Place) != 0)
            {
                parts |= AddressParts.Place;
                end = phrase.End;
                while (scan.TryToken(i + 1, out var next) && next.End <= end)
                {
                    i++;
                }

                continue;
            }

            if (token.Is(WordClass.Place))
            {
                parts |= AddressParts.Place;
                (end, townWords) = (token.End, townWords + 1);
                continue;
            }

            // A state's two letters, and what exports write for want of one.
            if (token.Length <= 3 && (token.Has(Shape.AllCapitals) || scan.Of(token) is "nan" or "n/a" || (isStrong && token.Length == 2 && IsSmall(scan, ref isSmall))) && (parts != 0 || townWords > 0 || isStrong))
            {
                end = token.End;
                continue;
            }

            // A town nobody listed: capitalised words after a comma, a line's end, a unit or a code.
            if ((token.Has(Shape.Capital) || (!token.Is(WordClass.Common) && token.Length > 2 && IsSmall(scan, ref isSmall))) && !token.Is(WordClass.Weekday | WordClass.Month) && scan.At(token.End) != ':' && townWords < 4
                && (isStrong ? !LineStartsAnew(scan, token, between) || IsTown(scan, i) : townWords > 0 || (parts & (AddressParts.Unit | AddressParts.Code)) != 0)
                && (!token.Is(WordClass.Common) || scan.Text[end] != '.'))
            {
                parts |= AddressParts.Place;
                (end, townWords) = (token.End, townWords + 1);
                continue;
            }

            if (townWords > 0 && (token.Is(WordClass.NameParticle) || token.Length <= 3) && !token.Has(Shape.Capital) && between is " " && scan.TryToken(i + 1, out var after) && after.Has(Shape.Capital))
            {
                end = token.End;
                continue;
            }

            break;
        }

        return (end, parts);
    }

    // Looked for only where it counts.
    private static bool IsSmall(in PiiScan scan, ref bool? known) => known ??= Standing.IsSmall(scan);

    /// <summary>Whether something may go on after this: a space, a comma, an end of line with what quotes put before the next.</summary>
    private static bool IsBreak(ReadOnlySpan<char> between, out bool isStrong)
    {
        isStrong = between.ContainsAny(',', '\n');
        if (between.Length == 0 || between.Length > 12 || between is "-" or "'" or ". " or "., ")
        {
            isStrong |= between is "., ";
            return between is "-" or "'" or "., ";
        }

        return !between.ContainsAnyExcept(_breaks);
    }

    // «Iron Springs, Utah»: up to three capitalised words with a country, a state or a code behind them.
    private static bool IsTown(in PiiScan scan, int index)
    {
        scan.TryToken(index, out var last);
        for (var i = index + 1; i <= index + 3 && scan.TryToken(i, out var token); i++)
        {
            if (scan.Between(last, token) is var between && (between.ContainsAny(',', '\n') || token.Has(Shape.Digits)))
            {
                return IsBreak(between, out _) && (token.Is(WordClass.Place) || (token.Is(WordClass.Phrase) && (Places.Phrase(scan, i).Class & WordClass.Place) != 0) || (token.Has(Shape.Digits) ? IsCode(scan, token, out _) : token.Length == 2 && token.Has(Shape.AllCapitals)));
            }

            if (between is not (" " or "-") || !token.Has(Shape.Capital) || token.Is(WordClass.Unit | WordClass.Street))
            {
                return false;
            }

            last = token;
        }

        return false;
    }

    private static bool LineStartsAnew(in PiiScan scan, in Token token, ReadOnlySpan<char> between) =>
        between.ContainsAny('\n', ',') && (scan.At(token.End) == ':' || (token.Is(WordClass.Common) && !token.Has(Shape.AllCapitals)) || token.Cue.HasFlag(Cue.Phone));

    private static bool IsCode(in PiiScan scan, in Token token, out int end)
    {
        end = token.End;
        var text = scan.Of(token);
        if (!CheckedDigits(text))
        {
            return false;
        }

        // «12345-6789»
        if (text.Length == 5 && scan.At(end) == '-' && char.IsAsciiDigit(scan.At(end + 1)) && char.IsAsciiDigit(scan.At(end + 4)) && !char.IsLetterOrDigit(scan.At(end + 5)))
        {
            end += 5;
        }

        return true;
    }

    private static bool CheckedDigits(ReadOnlySpan<char> text)
    {
        var digits = 0;
        foreach (var c in text)
        {
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }

        return (digits == text.Length && digits is >= 4 and <= 6) || (digits > 0 && digits < text.Length && text.Length is >= 3 and <= 7 && char.IsAsciiLetterUpper(text[0]));
    }
}
