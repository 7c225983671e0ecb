using Gateway.Contracts.Limits;
using Gateway.Edge.Journal;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// Fetches slices of shared limits in the background: at once where a request needs one, and else a few times a second, for all counters in one question. Without
/// answers each counter falls back to this edge's part by itself.
/// </summary>
internal sealed partial class LimitExchange(
    LimitSharing sharing, ILimitCoordinator coordinator, UsageJournal journal, LimitMetrics metrics, ILogger<LimitExchange> logger) : BackgroundService
{
    private const int MostAsks = 2_000;
    private const long HeartbeatMicros = 1_000_000;
    private const long SpacingMicros = 2_000;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(1);

    private readonly List<(LimitCounter Counter, LimitAsk Ask)> _asks = [];
    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private string _memory = "";
    private long _heardAt = sharing.Now;
    private long _sentAt = sharing.Now - HeartbeatMicros;
    private bool _lost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await ExchangeAsync(stoppingToken).ConfigureAwait(false);
            await sharing.Woken.WaitAsync(_pause, sharing.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (sharing.Now - _sentAt < SpacingMicros)
            {
                // What is asked for meanwhile goes with the same question.
                await Task.Delay(1, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Asks once for what is listed.</summary>
    internal async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        var question = sharing.BeginQuestion();
        try
        {
            _asks.Clear();
            foreach (var counter in sharing.Take(MostAsks))
            {
                if (counter.Ask() is { } ask)
                {
                    _asks.Add((counter, ask));
                }
            }

            var now = sharing.Now;
            if (_asks.Count > 0 || now - _sentAt >= HeartbeatMicros)
            {
                _sentAt = now;
                await AskAsync(now, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            question.TrySetResult();
        }
    }

    private async Task AskAsync(long now, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        var request = new LimitRequest { Edge = $"{journal.EdgeId}.{_run}", Memory = _memory, Limits = [.. _asks.Select(static a => a.Ask)] };
        var (answer, problem) = await coordinator.AskAsync(request, limit.Token).ConfigureAwait(false);
        if (answer is null || answer.Limits.Count != _asks.Count)
        {
            Fail(problem ?? "the answer does not fit the question", cancellationToken);
            return;
        }

        (_memory, _heardAt) = (answer.Memory, now);
        sharing.Heard(now, answer.Edges);
        if (_lost)
        {
            LogFound(answer.Edges);
            _lost = false;
        }

        for (var i = 0; i < _asks.Count; i++)
        {
            var (counter, ask) = _asks[i];
            counter.Answer(ask.Sequence, answer.Limits[i]);
            sharing.List(counter);
        }
    }

    private void Fail(string problem, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        metrics.SharingFailed();
        // One lost answer is no reason to give up slices that are still good.
        if (sharing.Now - _heardAt > 2 * HeartbeatMicros)
        {
            sharing.Lost();
        }

        foreach (var (counter, _) in _asks)
        {
            sharing.List(counter);
        }

        if (!_lost)
        {
            LogLost(problem, sharing.Edges);
            _lost = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Rate limits are not shared with other edges at present: {Problem}. This edge goes by one part in {Edges} of each")]
    private partial void LogLost(string problem, int edges);

    [LoggerMessage(LogLevel.Information, "Rate limits are shared by {Edges} edges again")]
    private partial void LogFound(int edges);
}
