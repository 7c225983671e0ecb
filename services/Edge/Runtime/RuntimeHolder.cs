using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
using Gateway.Edge.Admission;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Logging;

namespace Gateway.Edge.Runtime;

/// <summary>Holds the configuration in force. Requests read it once; a new one is swapped in with a single write.</summary>
internal sealed partial class RuntimeHolder(ProviderTransports transports, RuntimeState state, BudgetCheckpoint budgets, ILogger<RuntimeHolder> logger, LogLevelSwitch? levels = null) : ISnapshotSink
{
    private readonly Lock _applying = new();
    private GatewayModel? _current;

    /// <summary>The configuration in force, or null before the first one has arrived.</summary>
    public GatewayModel? Current => Volatile.Read(ref _current);

    /// <summary>Raised after another configuration came into force, by whoever brought it.</summary>
    public event Action? Changed;

    public IReadOnlyList<string> Apply(GatewaySnapshot snapshot)
    {
        lock (_applying)
        {
            var builder = new GatewayModelBuilder(transports, state);
            if (builder.Build(snapshot, _current) is not { } model)
            {
                foreach (var error in builder.Errors)
                {
                    LogRefused(snapshot.Version, error);
                }

                return builder.Errors;
            }

            budgets.Follow(model);
            Volatile.Write(ref _current, model);
            state.Standings.Follow(model);
            state.Purges.Follow(snapshot);
            levels?.Follow(model.Settings.Telemetry.LogLevel);
            LogInForce(model.Version, model.Providers.Count, model.Routes.Count, model.KeyCount);
        }

        Changed?.Invoke();
        return [];
    }

    [LoggerMessage(LogLevel.Debug, "configuration {Version} is in force: {Providers} providers, {Routes} routes, {Keys} keys")]
    private partial void LogInForce(long version, int providers, int routes, int keys);

    [LoggerMessage(LogLevel.Error, "configuration {Version} is refused, the one before stays in force: {Error}")]
    private partial void LogRefused(long version, string error);
}
