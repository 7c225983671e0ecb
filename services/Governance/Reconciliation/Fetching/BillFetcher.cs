using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;
using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Secrets;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>Fetches bills by their schedules, and on request.</summary>
internal sealed partial class BillFetcher(
    ConfigStore store, BillStore bills, BillFetchBook book, CostPages pages, SecretStores secrets, StoreGate gate, TimeProvider time, ILogger<BillFetcher> logger) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>The last whole days of a source, as by its schedule.</summary>
    public (long First, long Past) Days(BillSourceEntry source)
    {
        var today = UsageTime.FloorDay(UsageTime.Micros(time.GetUtcNow()));
        return (today - (source.Days * UsageTime.Day), today);
    }

    /// <summary>Fetches some days and imports them in place of what was known of them.</summary>
    public async Task<(BillImport? Import, string? Problem)> FetchAsync(BillSourceEntry source, long version, long first, long past, CancellationToken cancellation)
    {
        var (import, problem, retryAfter) = await ImportAsync(source, first, past, cancellation).ConfigureAwait(false);
        await book.NoteAsync(source, version, import?.Id, problem, retryAfter, cancellation).ConfigureAwait(false);
        if (problem is not null)
        {
            LogFailed(logger, source.Id, problem);
        }

        return (import, problem);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            var state = store.Latest;
            try
            {
                await RunAsync(state, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogStopped(logger, fault);
            }

            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(Task.Delay(Longest, time, end.Token), store.WaitBeyondAsync(state.Version, end.Token)).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task RunAsync(ConfigState state, CancellationToken cancellation)
    {
        var known = await book.ReadAsync(cancellation).ConfigureAwait(false);
        foreach (var gone in known.Keys.Where(id => !state.BillSources.ContainsKey(id)))
        {
            await book.ForgetAsync(gone, cancellation).ConfigureAwait(false);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (id, source) in state.BillSources.Where(s => s.Value.Value.Enabled))
        {
            var isDue = known.GetValueOrDefault(id) is not { } row || row.NextAt <= now || row.Version != source.Version;
            if (isDue && await book.TakeAsync(id, source.Version, cancellation).ConfigureAwait(false))
            {
                var (first, past) = Days(source.Value);
                await FetchAsync(source.Value, source.Version, first, past, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<(BillImport? Import, string? Problem, TimeSpan? RetryAfter)> ImportAsync(BillSourceEntry source, long first, long past, CancellationToken cancellation)
    {
        var key = await secrets.ReadAsync(source.SecretRef, cancellation).ConfigureAwait(false);
        if (key.Value is not { } secret)
        {
            return (null, $"The admin key cannot be had from {source.SecretRef}: {key.Problem}.", null);
        }

        var answer = await pages.FetchAsync(source, secret.Trim(), first, past, cancellation).ConfigureAwait(false);
        if (answer.Problem is not null)
        {
            return (null, answer.Problem, answer.RetryAfter);
        }

        try
        {
            var form = CostRequests.SourceOf(source.Api);
            var bill = BillSources.Read(form, answer.Document, new BillOptions { Models = source.Models, Credentials = source.Credentials });
            if (bill.Refused.Count > 0 && !source.Partial)
            {
                return (null, $"{bill.Refused.Count} results cannot be read, the first because: {bill.Refused[0].Reason} With partial: true they are left out.", null);
            }

            return (await bills.ImportAsync(source.ProviderId, source.Part, form, answer.Document, bill, (first, past), cancellation).ConfigureAwait(false), null, null);
        }
        catch (BillException wrong)
        {
            return (null, wrong.Message, null);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The bill of '{Source}' could not be fetched: {Problem}")]
    private static partial void LogFailed(ILogger logger, string source, string problem);

    [LoggerMessage(LogLevel.Error, "A round of fetching bills failed; the next one goes on.")]
    private static partial void LogStopped(ILogger logger, Exception fault);
}
