using System.Text.Json;
using Gateway.Budgets;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Alerts;

/// <summary>Alerts and their deliveries, as they lie in the store.</summary>
internal sealed class AlertBook(Database database, TimeProvider time)
{
    /// <summary>Messages that wait for one channel; above that new ones are given up at once.</summary>
    public const int MostWaiting = 1_000;

    private const int MostTogether = 200;
    private const string Columns = "id, budget_id AS BudgetId, window_key AS WindowKey, percent, settled, allowed, at";

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Notes the shares that a window has reached, each once.</summary>
    public static async Task RaiseAsync(DbSession session, CataloguedWindow window, long start, long settled, long allowed, long now)
    {
        foreach (var percent in window.Budget.AlertPercents.Where(p => Reaches(settled, allowed, p)))
        {
            await session.ExecuteAsync(
                """
                INSERT INTO budget_alerts (id, budget_id, window_key, start, percent, settled, allowed, at, queued)
                VALUES (@id, @budget, @window, @start, @percent, @settled, @allowed, @now, 0) ON CONFLICT (budget_id, window_key, start, percent) DO NOTHING
                """,
                new { id = Keys.KeyMaterial.NewId("alert"), budget = window.Budget.Id, window = window.Clock.Key, start = PeriodOf(window.Clock, start, now), percent, settled, allowed, now }).ConfigureAwait(false);
        }
    }

    /// <summary>True when settled is at least so many per cent of what is allowed; never where nothing is.</summary>
    public static bool Reaches(long settled, long allowed, int percent) => allowed > 0 && (Int128)settled * 100 >= (Int128)allowed * percent;

    /// <summary>Makes messages of the alerts and signals that are new: what fires within a channel's time, or in its quiet hours, goes into one.</summary>
    public Task<int> QueueAsync(ConfigState config, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var rows = await session.QueryAsync<Row>($"SELECT {Columns} FROM budget_alerts WHERE queued = 0 ORDER BY at, id LIMIT @most{session.Dialect.ForUpdate}", new { most = MostTogether }).ConfigureAwait(false);
            foreach (var row in rows)
            {
                await session.ExecuteAsync("UPDATE budget_alerts SET queued = @Now WHERE id = @Id", new { Now, row.Id }).ConfigureAwait(false);
            }

            var signals = await session.QueryAsync<SignalBook.Row>($"SELECT {SignalBook.Columns} FROM alert_signals WHERE queued = 0 ORDER BY at, id LIMIT @most{session.Dialect.ForUpdate}", new { most = MostTogether }).ConfigureAwait(false);
            foreach (var signal in signals)
            {
                await session.ExecuteAsync("UPDATE alert_signals SET queued = @Now WHERE id = @Id", new { Now, signal.Id }).ConfigureAwait(false);
            }

            foreach (var channel in rows.Count + signals.Count == 0 ? [] : config.AlertChannels.Values.Select(c => c.Value).Where(c => c.Enabled))
            {
                var budgets = rows.Where(r => Wants(channel, AlertTopic.Budget) && Wants(config, r.BudgetId, channel.Id)).Select(r => r.View(config)).ToList();
                var noticed = signals.Select(static r => r.View()).Where(s => Wants(channel, TopicOf(s.Kind))).ToList();
                await AddAsync(session, channel, isUrgent: true, budgets.FindAll(IsUrgent), noticed.FindAll(static s => s.Severity == AlertSeverity.Critical)).ConfigureAwait(false);
                await AddAsync(session, channel, isUrgent: false, budgets.FindAll(static b => !IsUrgent(b)), noticed.FindAll(static s => s.Severity != AlertSeverity.Critical)).ConfigureAwait(false);
            }

            return rows.Count + signals.Count;
        },
        cancellation);

    /// <summary>Messages whose time has come, each claimed by this instance for a minute.</summary>
    public Task<IReadOnlyList<Delivery>> ClaimAsync(CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var due = await session.QueryAsync<Delivery>(
                $"SELECT id, channel_id AS ChannelId, attempts, body FROM alert_deliveries WHERE state = 0 AND next_at <= @Now ORDER BY next_at, id LIMIT 50{session.Dialect.ForUpdate}", new { Now }).ConfigureAwait(false);
            foreach (var delivery in due)
            {
                await session.ExecuteAsync("UPDATE alert_deliveries SET next_at = @until, attempts = attempts + 1 WHERE id = @Id", new { until = Now + 60_000_000, delivery.Id }).ConfigureAwait(false);
            }

            return due;
        },
        cancellation);

    /// <summary>Notes how a delivery ended, or when it is tried again.</summary>
    public Task DoneAsync(Delivery delivery, DeliveryState state, TimeSpan pause, string error, CancellationToken cancellation) => database.WriteAsync(
        session => session.ExecuteAsync(
            "UPDATE alert_deliveries SET state = @state, next_at = @next, error = @error WHERE id = @Id",
            new { state = (int)state, next = Now + (pause.Ticks / TimeSpan.TicksPerMicrosecond), error, delivery.Id }),
        cancellation);

    /// <summary>Deletes deliveries that ended a month ago and alerts of a year ago.</summary>
    public Task ForgetAsync(CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync("DELETE FROM alert_deliveries WHERE state > 0 AND next_at < @old", new { old = Now - (30 * 86_400_000_000L) }).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM alert_signals WHERE queued > 0 AND at < @old", new { old = Now - (400 * 86_400_000_000L) }).ConfigureAwait(false);
            return await session.ExecuteAsync("DELETE FROM budget_alerts WHERE queued > 0 AND at < @old", new { old = Now - (400 * 86_400_000_000L) }).ConfigureAwait(false);
        },
        cancellation);

    public async Task<IReadOnlyList<BudgetAlert>> LatestAsync(ConfigState config, int limit, CancellationToken cancellation)
        => [.. (await database.ReadAsync(s => s.QueryAsync<Row>($"SELECT {Columns} FROM budget_alerts ORDER BY at DESC, id DESC LIMIT @limit", new { limit }), cancellation).ConfigureAwait(false)).Select(r => r.View(config))];

    // A window that rolls has no start; it is told of once in its length.
    private static long PeriodOf(WindowClock clock, long start, long now)
        => clock.PartLength > 0 ? now - (now % (clock.PartLength * RollingWindows.Parts)) : start;

    private static bool Wants(ConfigState config, string budgetId, string channelId)
        => !config.Budgets.TryGetValue(budgetId, out var budget) || budget.Value.AlertChannelIds.Count == 0 || budget.Value.AlertChannelIds.Contains(channelId);

    private static bool Wants(AlertChannel channel, AlertTopic topic) => channel.Topics.Count == 0 || channel.Topics.Contains(topic);

    private static AlertTopic TopicOf(SignalKind kind) => kind switch
    {
        SignalKind.ProviderErrors => AlertTopic.ProviderErrors,
        SignalKind.ProviderDown => AlertTopic.ProviderDown,
        _ => AlertTopic.SpendAnomaly,
    };

    // From then on requests are refused.
    private static bool IsUrgent(BudgetAlert alert) => alert.Percent >= 100;

    private async Task AddAsync(DbSession session, AlertChannel channel, bool isUrgent, IReadOnlyList<BudgetAlert> alerts, IReadOnlyList<AlertSignal> signals)
    {
        if (alerts.Count + signals.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (!isUrgent && await CollectAsync(session, channel.Id, alerts, signals).ConfigureAwait(false))
        {
            return;
        }

        var due = isUrgent ? now : QuietHours.NextOpen(channel, now.AddSeconds(channel.GroupSeconds));
        var waiting = await session.ScalarAsync<int>("SELECT CAST(COUNT(*) AS INTEGER) FROM alert_deliveries WHERE state = 0 AND channel_id = @Id", new { channel.Id }).ConfigureAwait(false);
        var notice = Notice(Keys.KeyMaterial.NewId("delivery"), alerts, signals);
        await session.ExecuteAsync(
            "INSERT INTO alert_deliveries (id, channel_id, state, attempts, next_at, created_at, error, body) VALUES (@Id, @channelId, @state, 0, @next, @Now, @error, @body)",
            new
            {
                notice.Id,
                channelId = channel.Id,
                state = (int)(waiting < MostWaiting ? DeliveryState.Waiting : DeliveryState.Failed),
                next = (due - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
                Now,
                error = waiting < MostWaiting ? "" : $"{MostWaiting} messages wait for this channel already.",
                body = JsonSerializer.Serialize(notice, AlertJson.Default.AlertNotice),
            }).ConfigureAwait(false);
    }

    /// <summary>Adds to the message that is being collected for a channel; false when there is none, or it is full.</summary>
    private async Task<bool> CollectAsync(DbSession session, string channelId, IReadOnlyList<BudgetAlert> alerts, IReadOnlyList<AlertSignal> signals)
    {
        var collecting = await session.QueryAsync<Delivery>(
            $"SELECT id, channel_id AS ChannelId, attempts, body FROM alert_deliveries WHERE state = 0 AND attempts = 0 AND channel_id = @channelId AND next_at > @Now ORDER BY next_at, id LIMIT 1{session.Dialect.ForUpdate}",
            new { channelId, Now }).ConfigureAwait(false);
        if (collecting is not [var delivery] || JsonSerializer.Deserialize(delivery.Body, AlertJson.Default.AlertNotice) is not { } before || before.Alerts.Count + before.Signals.Count >= MostTogether)
        {
            return false;
        }

        var notice = Notice(delivery.Id, [.. before.Alerts, .. alerts], [.. before.Signals, .. signals]);
        await session.ExecuteAsync("UPDATE alert_deliveries SET body = @body WHERE id = @Id", new { body = JsonSerializer.Serialize(notice, AlertJson.Default.AlertNotice), delivery.Id }).ConfigureAwait(false);
        return true;
    }

    private AlertNotice Notice(string id, IReadOnlyList<BudgetAlert> alerts, IReadOnlyList<AlertSignal> signals) =>
        new() { Id = id, Event = signals.Count == 0 ? "budget.threshold" : alerts.Count == 0 ? "signal" : "alerts", At = time.GetUtcNow(), Alerts = alerts, Signals = signals };

    private sealed record Row
    {
        public required string Id { get; init; }

        public required string BudgetId { get; init; }

        public required string WindowKey { get; init; }

        public int Percent { get; init; }

        public long Settled { get; init; }

        public long Allowed { get; init; }

        public long At { get; init; }

        public BudgetAlert View(ConfigState config) => new()
        {
            Id = Id,
            BudgetId = BudgetId,
            BudgetName = config.Budgets.TryGetValue(BudgetId, out var budget) ? budget.Value.Name : BudgetId,
            Window = WindowKey,
            Percent = Percent,
            SettledNanoUsd = Settled,
            AllowedNanoUsd = Allowed,
            At = DateTimeOffset.UnixEpoch.AddTicks(At * TimeSpan.TicksPerMicrosecond),
        };
    }
}

/// <summary>How far a delivery is. Numbers are persisted: append only.</summary>
internal enum DeliveryState
{
    Waiting = 0,
    Delivered = 1,
    Failed = 2,
}

/// <summary>A message on its way to a channel.</summary>
internal sealed record Delivery
{
    public required string Id { get; init; }

    public required string ChannelId { get; init; }

    /// <summary>Attempts before this one.</summary>
    public int Attempts { get; init; }

    public required string Body { get; init; }
}
