using System.Text.Json;
using System.Threading.Channels;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Providers;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Prices;

/// <summary>
/// Rates stored records again, a page in a transaction: costs, totals, budgets, corrections and how far the run is change together or not at all. A run goes on where it stopped after a
/// restart, and instances that work on the same one see each other by the cursor. A record that costs what it should is left alone, so that a second run changes nothing.
/// </summary>
internal sealed partial class Rerater(
    Database database, ConfigStore store, OverlayService overlay, StoreGate gate, BudgetCharges charges, UsageAdjustments adjustments, TimeProvider time, ILogger<Rerater> log) : BackgroundService
{
    private const int PageSize = 500;
    private const long MinuteMicros = 60_000_000;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Starts a run; it is worked on in the background.</summary>
    public async Task<ReratingView> StartAsync(RerateFilter filter, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var row = new ReratingRow
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), CreatedAt = now, UpdatedAt = now, State = (int)ReratingState.Running, Filter = JsonSerializer.Serialize(filter, PriceJson.Default.RerateFilter),
            CursorAt = UsageTime.Micros(filter.From), CursorId = "",
        };
        await database.WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO reratings (id, created_at, updated_at, state, filter, cursor_at, cursor_id, examined, changed, unpriced, mixed, old_cost, new_cost)
                VALUES (@Id, @CreatedAt, @UpdatedAt, @State, @Filter, @CursorAt, @CursorId, 0, 0, 0, 0, 0, 0)
                """,
                row),
            cancellation).ConfigureAwait(false);
        _signal.Writer.TryWrite(true);
        return row.ToView();
    }

    /// <summary>A run, or null.</summary>
    public Task<ReratingView?> FindAsync(string id, CancellationToken cancellation) =>
        database.ReadAsync(
            async session => (await session.QueryAsync<ReratingRow>($"SELECT {ReratingRow.Columns} FROM reratings WHERE id = @id", new { id }).ConfigureAwait(false)).SingleOrDefault()?.ToView(),
            cancellation);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        do
        {
            try
            {
                while (await StepAsync(stoppingToken).ConfigureAwait(false))
                {
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                Stopped(fault);
                await Task.Delay(RetryDelay, time, stoppingToken).ConfigureAwait(false);
                _signal.Writer.TryWrite(true);
            }
        }
        while (await _signal.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false) && _signal.Reader.TryRead(out _));
    }

    /// <summary>Does a page of the oldest run; false when there is none.</summary>
    private async Task<bool> StepAsync(CancellationToken cancellation)
    {
        var run = await database.ReadAsync(
            async session => (await session.QueryAsync<ReratingRow>(
                $"SELECT {ReratingRow.Columns} FROM reratings WHERE state = @state ORDER BY created_at, id LIMIT 1", new { state = (int)ReratingState.Running }).ConfigureAwait(false)).SingleOrDefault(),
            cancellation).ConfigureAwait(false);
        if (run is null)
        {
            return false;
        }

        var config = new EffectiveConfig(await store.CurrentAsync(cancellation).ConfigureAwait(false), overlay.Current);
        var filter = run.Asked;
        if (!filter.DryRun)
        {
            await charges.PrepareAsync(cancellation).ConfigureAwait(false);
        }

        await database.WriteAsync(session => PageAsync(session, run, filter, new RecordRating(config)), cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> PageAsync(DbSession session, ReratingRow run, RerateFilter filter, RecordRating rating)
    {
        var rows = await session.QueryAsync<UsageRecordRow>(
            $"""
             SELECT {UsageRecordRow.Columns} FROM usage_records
             WHERE started_at < @to AND (started_at > @at OR (started_at = @at AND id > @id))
             {Where(filter)} ORDER BY started_at, id LIMIT {PageSize}
             """,
            new
            {
                to = UsageTime.Micros(filter.To), at = run.CursorAt, id = run.CursorId, filter.Provider, filter.Deployment, filter.Model, filter.Customer, filter.Key, filter.PriceVersion,
            }).ConfigureAwait(false);
        var page = new RatedPage(run.Id, time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var row in rows)
        {
            page.Add(row, rating);
        }

        var last = rows.Count < PageSize;
        var moved = await session.ExecuteAsync(
            """
            UPDATE reratings SET updated_at = @now, state = @state, cursor_at = @at, cursor_id = @id, examined = examined + @examined, changed = changed + @changed,
                unpriced = unpriced + @unpriced, mixed = mixed + @mixed, old_cost = old_cost + @oldCost, new_cost = new_cost + @newCost
            WHERE id = @run AND state = @running AND cursor_at = @wasAt AND cursor_id = @wasId
            """,
            new
            {
                now = page.Now, state = (int)(last ? ReratingState.Done : ReratingState.Running), at = rows.Count == 0 ? run.CursorAt : rows[^1].StartedAt, id = rows.Count == 0 ? run.CursorId : rows[^1].Id,
                examined = (long)rows.Count, changed = (long)page.Changes.Count, unpriced = page.Unpriced, mixed = page.Mixed, oldCost = page.Changes.Sum(c => c.OldCost), newCost = page.Changes.Sum(c => c.NewCost),
                run = run.Id, running = (int)ReratingState.Running, wasAt = run.CursorAt, wasId = run.CursorId,
            }).ConfigureAwait(false);
        if (moved == 0)
        {
            // Another instance has done this page.
            session.Abandon();
            return false;
        }

        if (!filter.DryRun && page.Changes.Count > 0)
        {
            await WriteAsync(session, page).ConfigureAwait(false);
        }

        return true;
    }

    private async Task WriteAsync(DbSession session, RatedPage page)
    {
        var applied = await adjustments.ApplyAsync(session, [.. page.Changes.Select(static c => c.Adjustment)]).ConfigureAwait(false);
        if (applied.Count < page.Changes.Count)
        {
            // Somebody else corrects the same records at this moment: the page is looked at again.
            session.Abandon();
            return;
        }

        foreach (var change in page.Changes)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO price_corrections (record_id, rerating_id, corrected_at, old_cost, new_cost, old_version, new_version)
                VALUES (@RecordId, @ReratingId, @CorrectedAt, @OldCost, @NewCost, @OldVersion, @NewVersion)
                """,
                change).ConfigureAwait(false);
        }

        // Windows of budgets begin on whole minutes, so that what fell in the same minute fell in the same windows.
        var budgets = page.Changes.SelectMany(static c => c.BudgetIds.Select(b => (Budget: b, Minute: c.StartedAt / MinuteMicros, c.Amount)))
            .GroupBy(static a => (a.Budget, a.Minute)).OrderBy(static g => g.Key.Budget, StringComparer.Ordinal).ThenBy(static g => g.Key.Minute);
        foreach (var group in budgets)
        {
            if (group.Sum(static a => a.Amount) is not 0 and var amount)
            {
                await charges.AdjustAsync(session, group.Key.Budget, group.Key.Minute * MinuteMicros, amount).ConfigureAwait(false);
            }
        }
    }

    private static string Where(RerateFilter filter) => string.Concat(
        filter.Provider is null ? "" : "AND provider_id = @Provider ",
        filter.Deployment is null ? "" : "AND deployment_id = @Deployment ",
        filter.Model is null ? "" : "AND model = @Model ",
        filter.Customer is null ? "" : "AND customer_id = @Customer ",
        filter.Key is null ? "" : "AND key_id = @Key ",
        filter.PriceVersion is null ? "" : "AND price_version = @PriceVersion ");

    [LoggerMessage(LogLevel.Error, "Re-rating has stopped and will go on where it was.")]
    private partial void Stopped(Exception fault);
}
