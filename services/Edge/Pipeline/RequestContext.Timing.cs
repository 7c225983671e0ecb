using Gateway.Edge.Errors;

namespace Gateway.Edge.Pipeline;

/// <content>How long the request took, and what of it was the gateway's own. In microseconds since it came, which four bytes hold for over an hour.</content>
internal sealed partial class RequestContext
{
    private uint _mark;
    private uint _foreign;
    private uint _overhead;

    /// <summary>When the call began that answered, in microseconds since the request came; 0 while none did, or where nobody wants to know.</summary>
    public long CallStartedMicros => Steps?.CallStarted ?? 0;

    /// <summary>
    /// Microseconds that the gateway itself has taken: until the answer's head, or until the first event of a stream; without the arrival of the caller's body and the calls of
    /// providers. Known once the request is settled.
    /// </summary>
    public long OverheadMicros => _overhead;

    /// <summary>Notes that a step has ended.</summary>
    public void Ended(Step step, TimeProvider time)
    {
        var now = MicrosAt(time.GetTimestamp(), time);
        if (step is Step.Http or Step.Call)
        {
            // Others took this time, not the gateway.
            _foreign += now - _mark;
        }

        _mark = now;
        Steps?.End(step, now);
    }

    /// <summary>Notes when the call began that answered.</summary>
    public void CallBegan(uint micros) => Steps?.CallStarted = micros;

    /// <summary>Works out <see cref="OverheadMicros"/>.</summary>
    /// <param name="settled">When the request is settled.</param>
    /// <param name="time">Tells the frequency of timestamps.</param>
    public void MeasureOverhead(long settled, TimeProvider time)
    {
        if (_mark == 0)
        {
            // A session or a pass-through: who works when is not told apart there.
            return;
        }

        var end = MicrosAt(FirstByteTimestamp != 0 ? FirstByteTimestamp : settled, time);
        _overhead = end > _foreign ? end - _foreign : 0;
    }

    /// <summary>A timestamp as microseconds since the request came.</summary>
    public uint MicrosAt(long timestamp, TimeProvider time) => (uint)Math.Clamp((timestamp - StartedTimestamp) * 1_000_000 / time.TimestampFrequency, 0, uint.MaxValue);
}
