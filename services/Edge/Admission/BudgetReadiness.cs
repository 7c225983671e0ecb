using Gateway.ServiceDefaults.Health;

namespace Gateway.Edge.Admission;

/// <summary>Ready once the budgets know what was spent before this start.</summary>
internal sealed class BudgetReadiness(BudgetCheckpoint budgets) : IReadinessCheck
{
    public string Name => "budgets";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(budgets.IsRestored ? ReadinessResult.Ready() : ReadinessResult.NotReady("what was spent before this start is not known yet"));
}
