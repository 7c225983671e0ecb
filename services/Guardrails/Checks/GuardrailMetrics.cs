using System.Diagnostics.Metrics;
using Gateway.Contracts.Guardrails;

namespace Gateway.Guardrails.Checks;

internal sealed class GuardrailMetrics
{
    private readonly Counter<long> checks;
    private readonly Histogram<double> duration;

    public GuardrailMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Gateway.Guardrails");
        checks = meter.CreateCounter<long>("gateway.guardrails.checks", "{check}", "Checks by direction and verdict.");
        duration = meter.CreateHistogram<double>("gateway.guardrails.check.duration", "s", "Time spent detecting.");
    }

    public void Checked(GuardDirection direction, GuardCheckVerdict verdict, TimeSpan took)
    {
        checks.Add(
            1,
            new("direction", direction == GuardDirection.Input ? "input" : "output"),
            new("verdict", verdict == GuardCheckVerdict.Allow ? "allow" : "block"));
        duration.Record(took.TotalSeconds);
    }
}
