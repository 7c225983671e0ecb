using System.Diagnostics.Metrics;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Journal;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Telemetry;

/// <summary>The state of the edge, read when somebody reads the metrics: budgets and leases, deployments and credentials, queues, the journal's lag. Costs requests nothing.</summary>
internal sealed class EdgeGauges : IHostedService, IDisposable
{
    /// <summary>Accounts of budgets that are shown; the fullest come first.</summary>
    public const int MostBudgets = 500;

    private readonly Meter _meter = new(EdgeMetrics.MeterName);
    private readonly RuntimeState _state;
    private readonly RuntimeHolder _runtime;
    private readonly UsageJournal _journal;
    private readonly TimeProvider _time;
    private JournalPosition _acknowledged;
    private long _waitingSince;

    public EdgeGauges(RuntimeState state, RuntimeHolder runtime, UsageJournal journal, RequestLogger log, TimeProvider time)
    {
        (_state, _runtime, _journal, _time) = (state, runtime, journal, time);
        _meter.CreateObservableGauge("gateway.budget.used", UsedShares, "1", "Share of a budget's window that is used up, as this edge knows it, by budget and window; the fullest 500.");
        _meter.CreateObservableGauge("gateway.budget.held", Held, "usd", "What requests under way hold of a budget's window on this edge, in US dollars; the fullest 500.");
        _meter.CreateObservableGauge("gateway.budget.accounts", () => _state.Budgets.LongCount(), "{account}", "Windows of budgets that this edge keeps account of.");
        _meter.CreateObservableGauge("gateway.budget.accounts_scarce", () => _state.Budgets.LongCount(static a => a.IsScarce), "{account}", "Windows of budgets of which the ledger has nearly nothing left to lease.");
        _meter.CreateObservableGauge("gateway.lease.free", () => _state.Budgets.Sum(static a => a.LeasedFree) / 1e9, "usd", "What is leased to this edge over all budgets and not yet held or spent, in US dollars.");
        _meter.CreateObservableGauge("gateway.lease.granted", () => _state.Budgets.Sum(static a => a.LeasedGranted) / 1e9, "usd", "What the ledger has leased to this edge in the running windows, in US dollars, given back and spent included.");
        _meter.CreateObservableGauge("gateway.deployment.up", DeploymentsUp, "1", "1 while a deployment may be called, 0 while it rests or its circuit is open, by deployment and provider.");
        _meter.CreateObservableGauge("gateway.deployment.cooldown", Cooldowns, "s", "Seconds until a deployment's rest ends, by deployment and provider; only of those that rest.");
        _meter.CreateObservableGauge("gateway.deployment.calls", InFlight, "{call}", "Calls under way, by deployment and provider.");
        _meter.CreateObservableGauge("gateway.credentials.retired", () => _state.Routing.Credentials.Count(static c => c.Value.Retired is not null), "{credential}", "Credentials that providers refuse and that are not tried again until they are changed.");
        _meter.CreateObservableGauge("gateway.queue.depth", () => Queues(log), "{item}", "Requests that wait for room at rate limits (queue=limits), and entries that wait to be written to the request log (queue=request_log).");
        _meter.CreateObservableGauge("gateway.edge.journal.lag", Lag, "s", "How long records have waited since the last one was acknowledged by governance; 0 when none waits.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<(BudgetAccount Account, BudgetFigures Figures)> Fullest() =>
        _state.Budgets.Select(static a => (a, a.Figures)).OrderByDescending(static a => a.Figures.UsedPercent).Take(MostBudgets);

    private IEnumerable<Measurement<double>> UsedShares() => Fullest().Select(static a => Of(a.Account, a.Figures.UsedPercent / 100));

    private IEnumerable<Measurement<double>> Held() => Fullest().Select(static a => Of(a.Account, a.Figures.Held / 1e9));

    private static Measurement<double> Of(BudgetAccount account, double value) =>
        new(value, new("budget", account.Budget.Id), new KeyValuePair<string, object?>("window", account.WindowKey));

    private IEnumerable<(string Id, string Provider, DeploymentHealth Health)> Deployments()
    {
        foreach (var (id, deployment) in _runtime.Current?.Upstream.Deployments ?? new Dictionary<string, DeploymentRuntime>())
        {
            if (_state.Routing.FindDeployment(id) is { } health)
            {
                yield return (id, deployment.Provider.Id, health);
            }
        }
    }

    private IEnumerable<Measurement<int>> DeploymentsUp() =>
        Deployments().Select(static d => new Measurement<int>(d.Health.Unavailable(out _) is null ? 1 : 0, new("deployment", d.Id), new KeyValuePair<string, object?>("provider", d.Provider)));

    private IEnumerable<Measurement<double>> Cooldowns()
    {
        var now = _time.GetUtcNow();
        foreach (var (id, provider, health) in Deployments())
        {
            if (health.Unavailable(out var until) is not null && until is { } end)
            {
                yield return new(Math.Max(0, (end - now).TotalSeconds), new("deployment", id), new KeyValuePair<string, object?>("provider", provider));
            }
        }
    }

    private IEnumerable<Measurement<int>> InFlight() =>
        Deployments().Select(static d => new Measurement<int>(d.Health.InFlight, new("deployment", d.Id), new KeyValuePair<string, object?>("provider", d.Provider)));

    private IEnumerable<Measurement<long>> Queues(RequestLogger log)
    {
        yield return new(LimitQueue.AllWaiting, new KeyValuePair<string, object?>("queue", "limits"));
        yield return new(log.Drafts.Count, new KeyValuePair<string, object?>("queue", "request_log"));
    }

    private double Lag()
    {
        var (acknowledged, now) = (_journal.Acknowledged, _time.GetTimestamp());
        if (_journal.BacklogRecords == 0 || acknowledged != _acknowledged || _waitingSince == 0)
        {
            (_acknowledged, _waitingSince) = (acknowledged, now);
        }

        return _time.GetElapsedTime(_waitingSince, now).TotalSeconds;
    }
}
