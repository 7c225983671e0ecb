using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;
using Gateway.Governance.Health;
using Gateway.Governance.Settings;
using Gateway.Governance.Snapshot;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Reports;

namespace Gateway.Governance.Alerts;

/// <summary>
/// Looks every 15 seconds for providers that fail or are down, and for spend that is far above the usual. Reads only sums and reports of edges, never single records, so that it
/// costs the same at any load.
/// </summary>
internal sealed partial class SignalWatch(
    SignalBook book, UsageQueries usage, HealthBoard health, SnapshotSource snapshots, ConfigStore store, StoreGate gate, TimeProvider time, ILogger<SignalWatch> logger)
    : StoreRounds(gate, TimeSpan.FromSeconds(15), time)
{
    private const int LooksUntilDown = 2;
    private const int LooksPerSpend = 4;

    private readonly ErrorWindow _errors = new();
    private readonly Dictionary<string, (int Looks, long Period)> _down = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _failing = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _looks;

    protected override Task RoundAsync(CancellationToken cancellation) => LookAsync(cancellation);

    protected override void Failed(Exception fault, bool again)
    {
        if (!again)
        {
            LogFailed(logger, fault);
        }
    }

    /// <summary>One look.</summary>
    internal async Task LookAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await LookOnceAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    private async Task LookOnceAsync(CancellationToken cancellation)
    {
        var settings = SettingsEndpoints.Of(store.Latest).Alerts;
        if (settings.ProviderDown)
        {
            await LookAtProvidersAsync(cancellation).ConfigureAwait(false);
        }

        if (settings.ErrorRatePercent > 0)
        {
            await LookAtErrorsAsync(settings, cancellation).ConfigureAwait(false);
        }

        if (settings.SpendFactor > 0 && _looks++ % LooksPerSpend == 0)
        {
            await LookAtSpendAsync(settings, cancellation).ConfigureAwait(false);
        }
    }

    private async Task LookAtProvidersAsync(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        var providers = (await snapshots.LatestAsync(cancellation).ConfigureAwait(false)).Image.Snapshot.Deployments.ToDictionary(static d => d.Id, static d => d.ProviderId, StringComparer.Ordinal);
        var reports = health.Fresh.SelectMany(static r => r.Deployments).Where(d => providers.ContainsKey(d.Id)).ToLookup(d => providers[d.Id], StringComparer.Ordinal);
        foreach (var provider in reports)
        {
            if (provider.Any(d => d.RestsUntil is not { } until || until <= now))
            {
                await BackAsync(provider.Key, cancellation).ConfigureAwait(false);
                continue;
            }

            var (looks, period) = _down.GetValueOrDefault(provider.Key, (0, Period(now)));
            _down[provider.Key] = (looks + 1, period);
            if (looks + 1 == LooksUntilDown)
            {
                var reason = provider.Select(static d => d.Reason).FirstOrDefault(static r => r is { Length: > 0 }) ?? "no reason was reported";
                await RaiseAsync(
                    SignalKind.ProviderDown, provider.Key, AlertSeverity.Critical, false, $"Provider '{provider.Key}' is down",
                    $"All of its {provider.Count()} deployments in use rest: {reason}. Requests go to other targets of their routes where there are some.", period, cancellation).ConfigureAwait(false);
            }
        }

        // A provider nobody reports on any more is not asked any more either.
        foreach (var gone in _down.Keys.Where(p => !reports.Contains(p)).ToList())
        {
            await BackAsync(gone, cancellation).ConfigureAwait(false);
        }
    }

    private async Task BackAsync(string provider, CancellationToken cancellation)
    {
        if (_down.Remove(provider, out var was) && was.Looks >= LooksUntilDown)
        {
            await RaiseAsync(
                SignalKind.ProviderDown, provider, AlertSeverity.Critical, true, $"Provider '{provider}' is called again", "A deployment of it answers, or may be tried.", was.Period, cancellation).ConfigureAwait(false);
        }
    }

    private async Task LookAtErrorsAsync(AlertSettings settings, CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        var question = new UsageQuestion { From = ErrorWindow.From(now), To = now.AddHours(1), GroupBy = [UsageDimension.Provider], Limit = 1_000 };
        if (await usage.ReportAsync(question, store.Latest, cancellation).ConfigureAwait(false) is not { } report)
        {
            return;
        }

        _errors.Add(now, report.Groups.Where(static g => g.Provider is { Length: > 0 }).ToDictionary(static g => g.Provider!, static g => (g.Totals.Requests, g.Totals.Errors), StringComparer.Ordinal));
        var rates = _errors.Over(TimeSpan.FromMinutes(settings.ErrorWindowMinutes)).ToDictionary(static r => r.Provider, static r => (r.Requests, r.Errors), StringComparer.Ordinal);
        foreach (var (provider, (requests, errors)) in rates)
        {
            if (requests < settings.ErrorMinimumRequests || errors * 100 < requests * settings.ErrorRatePercent || _failing.ContainsKey(provider))
            {
                continue;
            }

            _failing[provider] = Period(now);
            await RaiseAsync(
                SignalKind.ProviderErrors, provider, AlertSeverity.Warning, false,
                string.Create(CultureInfo.InvariantCulture, $"{errors * 100 / requests} % of the requests to provider '{provider}' fail"),
                string.Create(CultureInfo.InvariantCulture, $"{errors} of {requests} in {settings.ErrorWindowMinutes} minutes. GET /api/logs?provider={Uri.EscapeDataString(provider)} shows them."),
                _failing[provider], cancellation).ConfigureAwait(false);
        }

        // Over at half the rate, so that one at the bound is not told of again and again.
        foreach (var (provider, period) in _failing.ToList())
        {
            var (requests, errors) = rates.GetValueOrDefault(provider);
            if (errors * 200 < Math.Max(1, requests) * settings.ErrorRatePercent)
            {
                _failing.Remove(provider);
                await RaiseAsync(
                    SignalKind.ProviderErrors, provider, AlertSeverity.Warning, true, $"Requests to provider '{provider}' succeed again",
                    string.Create(CultureInfo.InvariantCulture, $"{errors} of {requests} in {settings.ErrorWindowMinutes} minutes failed."), period, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task LookAtSpendAsync(AlertSettings settings, CancellationToken cancellation)
    {
        var hour = UsageHour(Time.GetUtcNow());
        var current = await SpendAsync(hour, hour.AddHours(1), cancellation).ConfigureAwait(false);
        if (current.Values.DefaultIfEmpty(0).Max() < settings.SpendMinimumNanoUsd)
        {
            return;
        }

        var week = await SpendAsync(hour.AddDays(-SpendRule.Days), hour, cancellation).ConfigureAwait(false);
        foreach (var (subject, spent) in current)
        {
            var mean = week.GetValueOrDefault(subject) / SpendRule.Hours;
            if (SpendRule.IsAnomaly(settings, spent, mean))
            {
                var who = subject == SpendRule.All ? "The gateway" : $"Team '{subject}'";
                await RaiseAsync(
                    SignalKind.SpendAnomaly, subject, AlertSeverity.Warning, false,
                    string.Create(CultureInfo.InvariantCulture, $"{who} spends {spent / (double)mean:F1} times the usual"),
                    $"{Money.Usd(spent)} USD since {hour:HH:mm} UTC; the mean hour of the seven days before is {Money.Usd(mean)} USD.", Period(hour), cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<Dictionary<string, long>> SpendAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var question = new UsageQuestion { From = from, To = to, GroupBy = [UsageDimension.Team], Limit = 10_000 };
        var spend = new Dictionary<string, long>(StringComparer.Ordinal);
        if (await usage.ReportAsync(question, store.Latest, cancellation).ConfigureAwait(false) is { } report)
        {
            spend[SpendRule.All] = report.Total.CostNanoUsd;
            foreach (var group in report.Groups.Where(static g => g.Team is { Length: > 0 }))
            {
                spend[group.Team!] = group.Totals.CostNanoUsd;
            }
        }

        return spend;
    }

    private Task RaiseAsync(SignalKind kind, string subject, AlertSeverity severity, bool resolved, string title, string text, long period, CancellationToken cancellation) =>
        book.RaiseAsync(new AlertSignal { Id = "", Kind = kind, Subject = subject, Severity = severity, Resolved = resolved, Title = title, Text = text }, period, cancellation);

    private static DateTimeOffset UsageHour(DateTimeOffset now) => new(now.Ticks - (now.Ticks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    // Instances that notice the same at nearly the same time note it once.
    private static long Period(DateTimeOffset now) => now.ToUnixTimeSeconds() / 900;

    [LoggerMessage(LogLevel.Warning, "Providers and spend could not be looked at; it is tried again every 15 seconds.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
