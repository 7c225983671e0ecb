using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Edge.Journal;

/// <summary>CRC-32C of small blocks.</summary>
internal static class Crc32C
{
    /// <summary>Checksum of <paramref name="data"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFF_FFFF;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var rest in data[(words.Length * 8)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
