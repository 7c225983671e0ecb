using System.Buffers.Binary;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Journal;

/// <summary>The trace of a request, as records carry it.</summary>
internal static class TraceIds
{
    private const int Version = 3;

    private const int Digits = 32;

    /// <summary>The trace that the request is told of in, or else the one that the caller's <c>traceparent</c> names; 0 for none.</summary>
    public static UInt128 Of(RequestContext context)
    {
        if (context.Trace is { } trace)
        {
            return EdgeTracing.Number(trace.Server.TraceId);
        }

        if (context.KeptTrace != 0)
        {
            return context.KeptTrace;
        }

        var header = context.Http.Request.Headers.TraceParent;
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
