using Gateway.Contracts;
using Gateway.Contracts.Budgets;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Journal;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>
/// Keeps the leases of this edge: refills them ahead of need, asks at once for a request that waits, gives back what idles. Without governance leases are spent until they
/// expire; from then on requests under budgets are refused, those without go on.
/// </summary>
internal sealed partial class LeaseClient(LeaseExchange exchange, BudgetBook book, InFlightSlots slots, OrphanRecovery recovery, UsageJournal journal, HttpClient governance, ILogger<LeaseClient> logger) : BackgroundService
{
    public const string Path = "/internal/leases";

    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(2);

    // Wants that come close to each other share a question.
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromMilliseconds(100);

    private string? _told;
    private bool _settled;
    private bool _toldSettled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lastSweep = book.Time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(stoppingToken).ConfigureAwait(false);
                var now = book.Time.GetTimestamp();
                var isSweep = book.Time.GetElapsedTime(lastSweep, now) >= _tick;
                lastSweep = isSweep ? now : lastSweep;
                recovery.TryRun();
                var problem = await AskAsync(exchange.Compose(now, isSweep), now, stoppingToken).ConfigureAwait(false);
                Tell(problem);
                await Task.Delay(problem is null ? _pause : _afterFailure, book.Time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        var wanted = book.Wanted;
        if (!exchange.IsActive && _toldSettled)
        {
            await wanted.WaitAsync(stoppingToken).ConfigureAwait(false);
            return;
        }

        using var early = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(wanted, Task.Delay(_tick, book.Time, early.Token)).ConfigureAwait(false);
        await early.CancelAsync().ConfigureAwait(false);
        stoppingToken.ThrowIfCancellationRequested();
    }

    /// <summary>True once governance has acknowledged every record that was there when this run began.</summary>
    private bool AreEarlierRunsSettled()
    {
        if (recovery.End is not { } end)
        {
            return false;
        }

        using var reader = journal.TryOpenReader();
        return reader is not null && (!reader.TryRead(out _) || reader.Position > end);
    }

    private async Task<string?> AskAsync(List<LeaseQuestion> questions, long sentAt, CancellationToken stoppingToken)
    {
        if (journal.EdgeId is not { Length: > 0 } edge)
        {
            exchange.Fail(questions);
            return "the usage journal is not open yet";
        }

        _settled = _settled || AreEarlierRunsSettled();
        if (questions.Count == 0 && (!_settled || _toldSettled))
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(_limit);
        try
        {
            var request = new LeaseRequest { EdgeId = edge, Epoch = slots.Run.Epoch, EarlierRunsSettled = _settled, Leases = [.. questions.Select(static q => q.Ask)] };
            using var response = await governance.PostAsJsonAsync(Path, request, ContractsJson.Default.LeaseRequest, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                exchange.Fail(questions);
                return $"it answered {(int)response.StatusCode}";
            }

            var answer = await response.Content.ReadFromJsonAsync(ContractsJson.Default.LeaseResponse, limit.Token).ConfigureAwait(false);
            if (answer is null || !exchange.Apply(questions, answer, sentAt))
            {
                exchange.Fail(questions);
                return "its answer is none to what was asked";
            }

            _toldSettled |= _settled;
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException or OperationCanceledException)
        {
            exchange.Fail(questions);
            stoppingToken.ThrowIfCancellationRequested();
            return e is OperationCanceledException ? $"it did not answer within {_limit.TotalSeconds:0} s" : e.Message;
        }
    }

    private void Tell(string? problem)
    {
        if (problem is not null && _told is null)
        {
            LogLost(problem);
        }
        else if (problem is null && _told is not null)
        {
            LogResumed();
        }

        _told = problem;
    }

    [LoggerMessage(LogLevel.Warning, "The ledger cannot be asked for budgets: {Problem}. What is leased is spent until it expires; after that requests under budgets are refused")]
    private partial void LogLost(string problem);

    [LoggerMessage(LogLevel.Information, "The ledger answers about budgets again")]
    private partial void LogResumed();
}
