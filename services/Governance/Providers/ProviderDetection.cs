using Gateway.Contracts;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Providers;

/// <summary>Finds providers outside the store.</summary>
internal interface IProviderDetection
{
    /// <summary>Where its entries come from, as shown in the admin API.</summary>
    string Source { get; }

    /// <summary>True when what it finds can change while the service runs.</summary>
    bool Repeats { get; }

    /// <summary>What there is now. Does not throw when there is nothing.</summary>
    ValueTask<DetectedEntries> DetectAsync(CancellationToken cancellation);
}

/// <summary>The demo model, which needs no account: a first answer on a bare machine.</summary>
internal sealed class DemoDetection : IProviderDetection
{
    public string Source => "built-in";

    public bool Repeats => false;

    public ValueTask<DetectedEntries> DetectAsync(CancellationToken cancellation) => ValueTask.FromResult(new DetectedEntries(
        [new ProviderEntry { Id = WireNames.Demo, Kind = ProviderKind.Demo }],
        [],
        [new DeploymentEntry { Id = WireNames.Demo, ProviderId = WireNames.Demo, Model = WireNames.Demo }],
        [new RouteEntry { Name = WireNames.Demo, Targets = [new RouteTarget { DeploymentId = WireNames.Demo }] }]));
}
