using System.Diagnostics.Metrics;
using Gateway.Contracts.Guardrails;

namespace Gateway.Guardrails.Checks;

internal sealed class GuardrailMetrics
{
    private readonly Counter<long> checks;
    private readonly Histogram<double> duration;
    private readonly Counter<long> findings;
    private readonly Counter<long> failures;

    public GuardrailMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Gateway.Guardrails");
        checks = meter.CreateCounter<long>("gateway.guardrails.checks", "{check}", "Checks by direction and verdict.");
        duration = meter.CreateHistogram<double>("gateway.guardrails.check.duration", "s", "Time spent detecting.");
        findings = meter.CreateCounter<long>("gateway.guardrails.findings", "{finding}", "What rules found, by detector and action.");
        failures = meter.CreateCounter<long>("gateway.guardrails.failures", "{failure}", "Rules that could not look, by detector.");
    }

    public void Checked(GuardDirection direction, GuardCheckResponse answer, TimeSpan took)
    {
        checks.Add(
            1,
            new("direction", direction == GuardDirection.Input ? "input" : "output"),
            new("verdict", answer.Verdict.ToString().ToLowerInvariant()));
        duration.Record(took.TotalSeconds);
        foreach (var note in answer.Notes)
        {
            if (note.Failure is not null)
            {
                failures.Add(1, new KeyValuePair<string, object?>("detector", note.Detector));
            }

            if (note.Count > 0)
            {
                findings.Add(note.Count, new("detector", note.Detector), new("action", note.Action.ToString().ToLowerInvariant()));
            }
        }
    }
}
