using Gateway.Contracts.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Who keeps the counters that edges share, and grants slices of them.</summary>
internal interface ILimitCoordinator
{
    /// <summary>Asks.</summary>
    /// <returns>The answer, or null with what is wrong.</returns>
    ValueTask<(LimitResponse? Answer, string? Problem)> AskAsync(LimitRequest request, CancellationToken cancellationToken);
}
