using Gateway.ServiceDefaults.Health;

namespace Gateway.ControlPlane;

/// <summary>Ready once there is a configuration; degraded while governance does not answer.</summary>
internal sealed class ConfigurationCheck(GovernanceContact contact) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "configuration";

    /// <inheritdoc/>
    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult(contact switch
        {
            { NotReadyReason: { } reason } => ReadinessResult.NotReady(reason),
            { Connected: false } => ReadinessResult.Degraded($"governance does not answer; configuration version {contact.Version} stays in force"),
            _ => ReadinessResult.Ready(),
        });
}
