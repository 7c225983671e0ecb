using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Finds texts in texts in linear time: a long needle that nearly matches everywhere costs no more than any other.</summary>
internal static class TextSearch
{
    private const int LongNeedle = 64;

    /// <summary>Where <paramref name="needle"/> is found first from <paramref name="start"/> on, or -1.</summary>
    public static int IndexOf(string text, string needle, int start, Meter meter)
    {
        meter.Step((text.Length - start) / 64);
        if (needle.Length <= LongNeedle)
        {
            return text.IndexOf(needle, start, StringComparison.Ordinal);
        }

        if (needle.Length > text.Length - start)
        {
            return -1;
        }

        // Knuth, Morris and Pratt: fallback[i] is the length of the longest proper beginning of the needle that ends at i.
        meter.Allocate(4L * needle.Length);
        var fallback = new int[needle.Length];
        for (int i = 1, k = 0; i < needle.Length; i++)
        {
            while (k > 0 && needle[i] != needle[k])
            {
                k = fallback[k - 1];
            }

            fallback[i] = k += needle[i] == needle[k] ? 1 : 0;
        }

        for (int i = start, k = 0; i < text.Length; i++)
        {
            while (k > 0 && text[i] != needle[k])
            {
                k = fallback[k - 1];
            }

            k += text[i] == needle[k] ? 1 : 0;
            if (k == needle.Length)
            {
                return i - k + 1;
            }
        }

        return -1;
    }

    /// <summary>Where it is found last, or -1.</summary>
    public static int LastIndexOf(string text, string needle, Meter meter)
    {
        var (found, from) = (-1, 0);
        if (needle.Length == 0)
        {
            return text.Length;
        }

        while (IndexOf(text, needle, from, meter) is >= 0 and var at)
        {
            (found, from) = (at, at + 1);
            meter.Step(needle.Length / 16);
        }

        return found;
    }
}
