using System.Buffers.Binary;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Operations;

/// <summary>How long a recording is, where no provider says so.</summary>
internal static class Recordings
{
    /// <summary>Fewest bytes of a second of speech in any common encoding.</summary>
    public const int LeastBytesPerSecond = 1_000;

    // 64 kbit/s lies between what speech and what music is commonly encoded with.
    private const int CommonBytesPerSecond = 8_000;

    /// <summary>Length of a request's recordings: exact for uncompressed WAV, else a guess by their size.</summary>
    public static long Milliseconds(RequestContext context)
    {
        var sum = 0L;
        foreach (var part in context.Form ?? [])
        {
            if (part.IsFile)
            {
                sum += part.Length * 1_000L / BytesPerSecond(context.Body.Span.Slice(part.Start, part.Length));
            }
        }

        return sum;
    }

    private static long BytesPerSecond(ReadOnlySpan<byte> file)
    {
        const int RateAt = 28;
        var isWave = file.Length > RateAt + 4 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WAVEfmt "u8);
        var rate = isWave ? BinaryPrimitives.ReadInt32LittleEndian(file[RateAt..]) : 0;
        return rate >= LeastBytesPerSecond ? rate : CommonBytesPerSecond;
    }
}
