using System.Diagnostics.Metrics;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>What is counted of budgets.</summary>
internal sealed class BudgetMetrics : IDisposable
{
    private readonly Meter _meter = new(EdgeMetrics.MeterName);

    public BudgetMetrics(BudgetBook book) => _meter.CreateObservableCounter(
        "gateway.budgets.dry_run_refusals",
        () => book.Where(static a => a.Budget.DryRun).Select(static a => new Measurement<long>(a.WouldHaveRefused, new KeyValuePair<string, object?>("budget", a.Name))),
        "{request}",
        "Requests that a budget on trial would have refused, by budget and window.");

    public void Dispose() => _meter.Dispose();
}
