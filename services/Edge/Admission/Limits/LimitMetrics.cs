using System.Diagnostics.Metrics;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Admission.Limits;

/// <summary>What is counted of rate limits. Labels are the limit's id where it is one of the list, which an operator made, and else only whom it stands over.</summary>
internal sealed class LimitMetrics : IDisposable
{
    private readonly Meter _meter = new(EdgeMetrics.MeterName);
    private readonly Counter<long> _hits;
    private readonly Counter<long> _waits;
    private readonly Counter<long> _failures;

    public LimitMetrics(LimitSharing sharing)
    {
        _hits = _meter.CreateCounter<long>("gateway.limits.hits", "{request}", "Requests that a rate limit had no room for, by limit, metric and what became of them.");
        _waits = _meter.CreateCounter<long>("gateway.limits.waits", "{request}", "Requests that waited for room, by limit and whether they got it.");
        _failures = _meter.CreateCounter<long>("gateway.limits.sharing.failures", "{call}", "Exchanges of slices of shared rate limits that failed.");
        _meter.CreateObservableGauge("gateway.limits.sharing", () => sharing.At(sharing.Now).Mode == SharingMode.Shared ? 1 : 0, null, "1 while rate limits are shared with other edges, 0 while this edge counts by itself.");
        _meter.CreateObservableGauge("gateway.limits.edges", () => sharing.Edges, "{edge}", "Edges that share rate limits, as last heard; without sharing each takes one part in as many.");
    }

    public void Refused(LimitRule rule) => Hit(rule, "refused");

    public void DryRun(LimitRule rule) => Hit(rule, "dry_run");

    public void Waited(LimitRule rule, bool entered) => _waits.Add(1, new("limit", Label(rule)), new("outcome", entered ? "entered" : "gave_up"));

    public void SharingFailed() => _failures.Add(1);

    public void Dispose() => _meter.Dispose();

    private void Hit(LimitRule rule, string outcome) =>
        _hits.Add(1, new("limit", Label(rule)), new("metric", LimitUnits.Name(rule.Metric)), new("outcome", outcome));

    private static string Label(LimitRule rule) => rule.Entry.Name.Length == 0 ? rule.Over : rule.Id;
}
