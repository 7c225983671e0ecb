using System.Buffers.Binary;
using System.Diagnostics;

namespace Gateway.ServiceDefaults.Telemetry;

/// <summary>The trace that measurements of this thread belong to, so that a histogram can name one for each of its buckets.</summary>
public static class Exemplar
{
    [ThreadStatic]
    private static UInt128 current;

    /// <summary>Names the trace until the result is disposed, on the same thread.</summary>
    /// <param name="traceId">The trace's id; 0: none.</param>
    public static Scope Of(UInt128 traceId)
    {
        var before = current;
        current = traceId;
        return new Scope(before);
    }

    /// <summary>The trace of a measurement that is made now; 0 for none, or for one that nobody records.</summary>
    internal static UInt128 Current()
    {
        if (current != 0)
        {
            return current;
        }

        if (Activity.Current is not { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity)
        {
            return 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        activity.TraceId.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Ends with its disposal.</summary>
    public readonly ref struct Scope
    {
        private readonly UInt128 before;

        internal Scope(UInt128 before) => this.before = before;

        /// <summary>Names the trace again that was named before.</summary>
        public void Dispose() => current = before;
    }
}

/// <summary>One measurement and the trace it belongs to.</summary>
internal sealed record ExemplarValue(UInt128 TraceId, double Value, DateTimeOffset At);
