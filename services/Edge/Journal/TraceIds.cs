using System.Buffers.Binary;
using System.Diagnostics;

namespace Gateway.Edge.Journal;

/// <summary>The trace of a request, as records carry it.</summary>
internal static class TraceIds
{
    private const int Version = 3;

    private const int Digits = 32;

    /// <summary>The trace that is being recorded, or else the one that the caller's <c>traceparent</c> names; 0 for none.</summary>
    public static UInt128 Of(HttpContext http)
    {
        if (Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity)
        {
            Span<byte> bytes = stackalloc byte[16];
            activity.TraceId.CopyTo(bytes);
            return BinaryPrimitives.ReadUInt128BigEndian(bytes);
        }

        var header = http.Request.Headers.TraceParent;
        return header.Count == 1 && header[0] is { Length: >= 55 } text && text[2] == '-' && text[Version + Digits] == '-'
            ? Hex(text.AsSpan(Version, Digits))
            : 0;
    }

    private static UInt128 Hex(ReadOnlySpan<char> digits)
    {
        Span<byte> bytes = stackalloc byte[16];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : 0;
    }
}
