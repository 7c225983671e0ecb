using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Health;

/// <summary>One check, asked by one caller at a time and at most once a second, however many probes come.</summary>
internal sealed partial class CachedCheck(IReadinessCheck check, TimeProvider time, ILogger log) : IDisposable
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim gate = new(1, 1);
    private Answer? last;

    public async Task<HealthReportEntry> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref last) is { } fresh && time.GetElapsedTime(fresh.At) < Fresh)
        {
            return fresh.Entry;
        }

        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (last is { } other && time.GetElapsedTime(other.At) < Fresh)
            {
                return other.Entry;
            }

            var entry = await AskAsync().ConfigureAwait(false);
            if (last?.Entry.Status != entry.Status && (last is not null || entry.Status != Text(ReadinessStatus.Ready)))
            {
                Changed(check.Name, entry.Status, entry.Detail ?? "");
            }

            Volatile.Write(ref last, new Answer(entry, time.GetTimestamp()));
            return entry;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    internal static string Text(ReadinessStatus status) => status switch
    {
        ReadinessStatus.Ready => "ready",
        ReadinessStatus.Degraded => "degraded",
        _ => "notReady",
    };

    // Not bound to the caller's token: the answer is shared with every other prober.
    private async Task<HealthReportEntry> AskAsync()
    {
        var start = time.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit, time);
        ReadinessResult result;
        try
        {
            result = await check.CheckAsync(limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            result = ReadinessResult.NotReady("no answer within 2 s");
        }
        catch (Exception e)
        {
            // A check is a loop owner's question to the outside world: its fault is a finding, not a crash.
            Failed(e, check.Name);
            result = ReadinessResult.NotReady($"{e.GetType().Name}; see the service's log");
        }

        return new HealthReportEntry(check.Name, Text(result.Status), result.Detail, Math.Round(time.GetElapsedTime(start).TotalMilliseconds, 3));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Readiness of {Check} is now {Status} {Detail}")]
    private partial void Changed(string check, string status, string detail);

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "Readiness check {Check} threw")]
    private partial void Failed(Exception exception, string check);

    private sealed record Answer(HealthReportEntry Entry, long At);
}
