using Gateway.ServiceDefaults.Health;

namespace Gateway.ControlPlane;

/// <summary>Ready once there is a configuration; degraded while governance does not answer.</summary>
/// <param name="contact">How contact stands.</param>
/// <param name="isNeeded">False: without a configuration the service is degraded, because nothing of it is asked for that could not be answered.</param>
internal sealed class ConfigurationCheck(GovernanceContact contact, bool isNeeded = true) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "configuration";

    /// <inheritdoc/>
    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult(contact switch
        {
            { NotReadyReason: { } reason } => isNeeded ? ReadinessResult.NotReady(reason) : ReadinessResult.Degraded(reason),
            { Connected: false } => ReadinessResult.Degraded($"governance does not answer; configuration version {contact.Version} stays in force"),
            _ => ReadinessResult.Ready(),
        });
}
