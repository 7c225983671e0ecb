using System.Globalization;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>Tag values as the text Prometheus shows; numbers are hashed and compared without making a string.</summary>
internal static class TagValue
{
    private const int Longest = 64;

    public static string ToText(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    public static int GetHashCode(object? value)
    {
        if (value is string text)
        {
            return string.GetHashCode(text);
        }

        Span<char> buffer = stackalloc char[Longest];
        return TryFormat(value, buffer, out var written)
            ? string.GetHashCode(buffer[..written])
            : string.GetHashCode(ToText(value));
    }

    public static bool Equals(object? value, string known)
    {
        if (value is string text)
        {
            return string.Equals(text, known, StringComparison.Ordinal);
        }

        Span<char> buffer = stackalloc char[Longest];
        return TryFormat(value, buffer, out var written)
            ? known.AsSpan().SequenceEqual(buffer[..written])
            : string.Equals(ToText(value), known, StringComparison.Ordinal);
    }

    private static bool TryFormat(object? value, Span<char> buffer, out int written)
    {
        switch (value)
        {
            case bool flag:
                return flag.TryFormat(buffer, out written) && Lower(buffer[..written]);
            case ISpanFormattable number:
                return number.TryFormat(buffer, out written, default, CultureInfo.InvariantCulture);
            default:
                written = 0;
                return value is null;
        }
    }

    private static bool Lower(Span<char> text)
    {
        text[0] = char.ToLowerInvariant(text[0]);
        return true;
    }
}
