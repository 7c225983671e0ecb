using Gateway.Edge.Errors;

namespace Gateway.Edge.Pipeline;

/// <content>How long the request took, and what of it was the gateway's own.</content>
internal sealed partial class RequestContext
{
    /// <summary>Notes that a step has ended, and gives on what came of it.</summary>
    public Failure? Ended(Step step, Failure? failure, TimeProvider time)
    {
        _steps.End(step, MicrosUntil(time.GetTimestamp(), time));
        return failure;
    }

    /// <summary>
    /// Microseconds that the gateway itself has taken: until the answer's head, or until the first event of a stream; without the arrival of the caller's body and the calls of
    /// providers.
    /// </summary>
    public long OverheadMicros(TimeProvider time)
    {
        long end = FirstByteTimestamp != 0 ? MicrosUntil(FirstByteTimestamp, time)
            : _steps.At(Step.Settle) is > 0 and var settled ? settled
            : MicrosUntil(time.GetTimestamp(), time);
        long foreign = 0;
        foreach (var (step, _, from, to) in _steps.Each())
        {
            foreign += step is Step.Http or Step.Call && to <= end ? to - from : 0;
        }

        return Math.Max(0, end - foreign);
    }

    private long MicrosUntil(long timestamp, TimeProvider time) => (timestamp - StartedTimestamp) * 1_000_000 / time.TimestampFrequency;
}
