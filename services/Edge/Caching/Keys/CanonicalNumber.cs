using System.Globalization;

namespace Gateway.Edge.Caching.Keys;

/// <summary>Writes a JSON number so that equal numbers have equal bytes: 1, 1.0 and 10e-1 are one number.</summary>
internal static class CanonicalNumber
{
    // Longer ones are written with an exponent; those that are still longer, as they came.
    private const int MostPlaces = 40;
    private const int MostBytes = 200;
    private const int MostExponentBytes = 6;

    /// <summary>Bytes that a number needs at most.</summary>
    public static int Bound(int length) => Math.Max(length, MostPlaces) + 16;

    /// <summary>Writes the number.</summary>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> number, Span<byte> output)
    {
        if (number.Length <= MostPlaces && !number.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            number.CopyTo(output);
            return number.Length;
        }

        return TryNormalise(number, output, out var written) ? written : Copy(number, output);
    }

    private static bool TryNormalise(ReadOnlySpan<byte> number, Span<byte> output, out int written)
    {
        written = 0;
        if (number.Length > MostBytes)
        {
            return false;
        }

        var negative = number[0] == '-';
        var rest = negative ? number[1..] : number;
        var exponent = 0;
        if (rest.IndexOfAny((byte)'e', (byte)'E') is var e and >= 0)
        {
            var power = rest[(e + 1)..];
            if (power.Length > MostExponentBytes || !int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            {
                return false;
            }

            rest = rest[..e];
        }

        Span<byte> digits = stackalloc byte[MostBytes];
        var count = 0;
        var point = rest.IndexOf((byte)'.');
        foreach (var c in rest)
        {
            if (c != '.')
            {
                digits[count++] = c;
            }
        }

        exponent -= point < 0 ? 0 : rest.Length - point - 1;
        var significant = digits[..count].TrimStart((byte)'0');
        var trimmed = significant.TrimEnd((byte)'0');
        exponent += significant.Length - trimmed.Length;
        if (trimmed.IsEmpty)
        {
            output[0] = (byte)'0';
            written = 1;
            return true;
        }

        if (negative)
        {
            output[written++] = (byte)'-';
        }

        trimmed.CopyTo(output[written..]);
        written += trimmed.Length;
        if (exponent >= 0 && trimmed.Length + exponent <= MostPlaces)
        {
            output.Slice(written, exponent).Fill((byte)'0');
            written += exponent;
            return true;
        }

        output[written++] = (byte)'E';
        exponent.TryFormat(output[written..], out var length, provider: CultureInfo.InvariantCulture);
        written += length;
        return true;
    }

    private static int Copy(ReadOnlySpan<byte> number, Span<byte> output)
    {
        number.CopyTo(output);
        return number.Length;
    }
}
