using System.Diagnostics.Metrics;
using Gateway.Guardrails.Engine;

namespace Gateway.McpHub.Guarding;

/// <summary>What guardrails count in the hub.</summary>
internal sealed class GuardMetrics
{
    private readonly Counter<long> _rules;

    public GuardMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Gateway.McpHub");
        _rules = meter.CreateCounter<long>("gateway.guardrails.rules", "{request}", "Arguments and results of calls in which a guardrail rule found something or failed, by policy, detector, action, mode and result.");
        ServiceChecks = meter.CreateCounter<long>("gateway.guardrails.service.checks", "{check}", "Checks asked of the guardrail service, by whether it gave a verdict; without one they are made in this process.");
    }

    /// <summary>Checks asked of the guardrail service.</summary>
    public Counter<long> ServiceChecks { get; }

    /// <summary>Counts what rules did in a check.</summary>
    public void Count(IReadOnlyList<RuleNote> notes)
    {
        foreach (var note in notes.Where(static n => n.Count > 0 || n.Failure is not null).DistinctBy(static n => (n.Policy, n.Rule, n.Failure is null)))
        {
            _rules.Add(
                1,
                new("policy", note.Policy),
                new("detector", note.Detector),
                new("action", note.Action.ToString().ToLowerInvariant()),
                new("mode", note.Mode.ToString().ToLowerInvariant()),
                new KeyValuePair<string, object?>("result", note.Failure is null ? "found" : "failed"));
        }
    }
}
