using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Edge.Journal;

/// <summary>
/// Delivery of sums (docs/adr/summed-usage.md). Nothing of a decision to sum is kept on this side: governance notes in its own transaction which stretches it has taken, and in which
/// form, so an edge that dies at any step may go on in either form.
/// </summary>
internal sealed partial class UsageUploader
{
    private UsageSums? _sums;
    private byte[] _sumsJson = [];
    private bool _takesSums;
    private int _singly;

    private bool ReadSums()
    {
        if (_sums is not null)
        {
            return true;
        }

        // A batch that may have arrived is sent again as it was: another form of it would only be found to be there.
        if (_unsent || !_takesSums || _singly > 0 || !_policy.Decide(_journal.BacklogRecords, _journal.Fill))
        {
            return false;
        }

        var sums = new UsageSums();
        _reader ??= _journal.TryOpenReader();
        var end = _reader?.Position ?? default;
        while (_reader is not null && !sums.IsFull && _reader.TryRead(out var record) && sums.TryAdd(in record))
        {
            end = _reader.Position;
        }

        if (_reader is null || sums.Span is null)
        {
            return false;
        }

        if (_reader.Position != end)
        {
            // It looked at one more, which another run wrote: that is the next batch's first.
            _reader.Dispose();
            _reader = _journal.TryOpenReader(end);
        }

        _sums = sums;
        _sumsJson = sums.ToJson(_journal.EdgeId ?? "", Refused);
        return true;
    }

    private async Task<string?> SendSumsAsync(CancellationToken cancellationToken)
    {
        var (status, problem, ack) = await PostAsync(() => new ByteArrayContent(_sumsJson) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, cancellationToken).ConfigureAwait(false);
        var (sums, span) = (_sums!, _sums!.Span!);
        if (IsRefusal(status))
        {
            // Something in it is not taken: one by one it is found which.
            _singly = sums.Records;
            ReadAgain();
            LogSumsRefused(sums.Records, problem);
            return null;
        }

        if (status != HttpStatusCode.OK)
        {
            return problem;
        }

        if (ack?.TakenUpTo is { } taken && taken < span.Last)
        {
            ReadAgain();
            SkipTo(span.Writer, taken);
            return null;
        }

        _summed.Add(sums.Records);
        _delivered.Add(sums.Records);
        _journal.Acknowledge(_reader!.Position, sums.Records);
        _sums = null;
        return null;
    }

    /// <summary>Forgets what was read and not acknowledged.</summary>
    private void ReadAgain()
    {
        _sums = null;
        _unsent = false;
        _batch.Clear();
        _reader?.Dispose();
        _reader = null;
    }

    /// <summary>Acknowledges what governance says it has: an earlier run of this edge delivered it and died before it knew.</summary>
    private void SkipTo(string writer, long sequence)
    {
        _reader = _journal.TryOpenReader();
        var (position, skipped) = (_reader?.Position ?? default, 0);
        while (_reader is not null && _reader.TryRead(out var record) && record.Writer == writer && record.Sequence <= sequence)
        {
            (position, skipped) = (_reader.Position, skipped + 1);
        }

        if (skipped > 0)
        {
            _journal.Acknowledge(position, skipped);
            LogSkipped(skipped);
        }

        ReadAgain();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Governance refuses sums of {Records} usage records ({Problem}); they are sent one by one")]
    private partial void LogSumsRefused(int records, string? problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Records} usage records had been delivered before this start and are not sent again")]
    private partial void LogSkipped(int records);
}
