using System.IO.Pipelines;
using Gateway.Edge.Journal;

namespace Gateway.Edge.RequestLog;

/// <summary>What was said in one request, of which the log keeps bodies: the request as it came and the answer as it went out.</summary>
internal sealed class LogCapture(LogMemory memory, int mostBodyBytes)
{
    // Pictures and the frames of events take room that what is kept in the end does not.
    private const int RawFactor = 4;
    private const int StreamFactor = 16;

    public CapturedBytes Request { get; } = new(memory, mostBodyBytes * RawFactor);

    /// <summary>The answer, or null while there is none.</summary>
    public CapturedBytes? Answer { get; private set; }

    public bool IsStream { get; private set; }

    /// <summary>What the ledger got, once the request has settled.</summary>
    public UsageEntry Usage;

    public UInt128 RecordId { get; set; }

    public bool IsSettled { get; set; }

    public void TakeAnswer(ReadOnlySpan<byte> body)
    {
        Answer?.Return();
        Answer = new CapturedBytes(memory, mostBodyBytes * RawFactor);
        Answer.Add(body);
    }

    /// <summary>A writer that keeps what goes through it to <paramref name="output"/>.</summary>
    public PipeWriter Watch(PipeWriter output)
    {
        IsStream = true;
        Answer ??= new CapturedBytes(memory, mostBodyBytes * StreamFactor);
        return new WatchingWriter(output, Answer);
    }

    public void Return()
    {
        Request.Return();
        Answer?.Return();
    }

    private sealed class WatchingWriter(PipeWriter output, CapturedBytes kept) : PipeWriter
    {
        private Memory<byte> _room;

        public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

        public override long UnflushedBytes => output.UnflushedBytes;

        public override void Advance(int bytes)
        {
            kept.Add(_room.Span[..bytes]);
            _room = default;
            output.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room = output.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => output.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => output.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => output.Complete(exception);
    }
}
