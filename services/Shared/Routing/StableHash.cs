using System.Runtime.InteropServices;

namespace Gateway.Routing;

/// <summary>A hash that is the same in every process and version: canaries and sticky sessions depend on it.</summary>
public static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Hash of a text (FNV-1a over UTF-16, mixed).</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        var hash = Offset;
        foreach (var b in MemoryMarshal.AsBytes(text))
        {
            hash = (hash ^ b) * Prime;
        }

        return Mix(hash);
    }

    /// <summary>Hash of two hashes.</summary>
    public static ulong Of(ulong first, ulong second) => Mix((first * Prime) ^ second);

    /// <summary>The hash as a number above 0 and below 1, evenly spread.</summary>
    public static double Unit(ulong hash) => ((hash >> 11) + 0.5) / (1UL << 53);

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
