using System.Text.Json;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Budgets;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Alerts;

/// <summary>
/// Finds shares that were reached by a change of configuration, makes messages of what fired, and sends them: each at least once, tried again for about a day. Several
/// instances share the work; who claims a message sends it.
/// </summary>
internal sealed partial class AlertService(
    Database database, AlertBook book, AlertSenders senders, BudgetStates states, BudgetCatalogues catalogues, ConfigStore store, StoreGate gate, TimeProvider time, ILogger<AlertService> logger)
    : StoreRounds(gate, TimeSpan.FromSeconds(1), time)
{
    private const int MostAttempts = 30;
    private const int PageOfBudgets = 500;
    private static readonly TimeSpan _longestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan _forgetEvery = TimeSpan.FromHours(1);
    private object? _checked;
    private DateTimeOffset _forgotten;

    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogFailed(logger, fault);
        }
    }

    protected override async Task RoundAsync(CancellationToken cancellation)
    {
        if (!ReferenceEquals(_checked, catalogues.Latest.Source))
        {
            var source = catalogues.Latest.Source;
            await CheckAllAsync(cancellation).ConfigureAwait(false);
            _checked = source;
        }

        var config = store.Latest;
        while (await book.QueueAsync(config, cancellation).ConfigureAwait(false) > 0)
        {
        }

        var due = await book.ClaimAsync(cancellation).ConfigureAwait(false);
        await Task.WhenAll(due.Select(d => DeliverAsync(config, d, cancellation))).ConfigureAwait(false);
        if (Time.GetUtcNow() - _forgotten > _forgetEvery)
        {
            await book.ForgetAsync(cancellation).ConfigureAwait(false);
            _forgotten = Time.GetUtcNow();
        }
    }

    /// <summary>A lowered limit or a new share may be reached without anything being charged.</summary>
    private async Task CheckAllAsync(CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            (var page, after) = await states.ListAsync(PageOfBudgets, after, static _ => true, cancellation).ConfigureAwait(false);
            var catalogue = catalogues.Latest;
            foreach (var (budget, state) in page.SelectMany(b => b.Windows.Select(w => (b.Id, w))))
            {
                if (catalogue.Find(budget, state.Window) is not { } window
                    || !window.Budget.AlertPercents.Any(p => AlertBook.Reaches(state.SettledNanoUsd, state.LimitNanoUsd + state.OverrideNanoUsd, p)))
                {
                    continue;
                }

                var now = (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
                await database.WriteAsync(
                    async session =>
                    {
                        await AlertBook.RaiseAsync(session, window, window.Clock.Around(now).Start, state.SettledNanoUsd, state.LimitNanoUsd + state.OverrideNanoUsd, now).ConfigureAwait(false);
                        return 0;
                    },
                    cancellation).ConfigureAwait(false);
            }
        }
        while (after is not null);
    }

    private async Task DeliverAsync(ConfigState config, Delivery delivery, CancellationToken cancellation)
    {
        if (!config.AlertChannels.TryGetValue(delivery.ChannelId, out var channel) || !channel.Value.Enabled)
        {
            await book.DoneAsync(delivery, DeliveryState.Failed, TimeSpan.Zero, "The channel is gone or switched off.", cancellation).ConfigureAwait(false);
            return;
        }

        var notice = JsonSerializer.Deserialize(delivery.Body, AlertJson.Default.AlertNotice)!;
        var error = await senders.SendAsync(channel.Value, notice, cancellation).ConfigureAwait(false);
        if (error is null)
        {
            await book.DoneAsync(delivery, DeliveryState.Delivered, TimeSpan.Zero, "", CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var isLast = delivery.Attempts + 1 >= MostAttempts;
        var pause = TimeSpan.FromSeconds(Math.Min(_longestPause.TotalSeconds, Math.Pow(2, Math.Min(delivery.Attempts, 20))));
        await book.DoneAsync(delivery, isLast ? DeliveryState.Failed : DeliveryState.Waiting, pause, error, cancellation).ConfigureAwait(false);
        if (isLast || delivery.Attempts == 0)
        {
            LogUndelivered(logger, delivery.ChannelId, delivery.Id, error, isLast ? "It is given up." : "It is tried again.");
        }
    }

    [LoggerMessage(LogLevel.Warning, "The alert channel '{Channel}' did not take the message '{Delivery}': {Reason} {Then}")]
    private static partial void LogUndelivered(ILogger logger, string channel, string delivery, string reason, string then);

    [LoggerMessage(LogLevel.Warning, "Budget alerts could not be worked on; it is tried again every second.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
