using Gateway.Chaos.Callers;
using Gateway.Chaos.Checks;
using Gateway.Chaos.Running;

namespace Gateway.Chaos;

/// <summary>One run: start, load with faults and kills, rest, comparison.</summary>
public static class ChaosRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <summary>Runs it.</summary>
    /// <param name="options">How much of it.</param>
    /// <param name="log">Told what happens.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ChaosReport> RunAsync(ChaosOptions options, TextWriter log, CancellationToken cancellation)
    {
        var fleet = await Fleet.StartAsync(options, cancellation).ConfigureAwait(false);
        await using var running = fleet.ConfigureAwait(false);
        var keys = await Setup.CreateAsync(fleet, options, cancellation).ConfigureAwait(false);
        // Started last, their first snapshot has everything.
        await fleet.StartEdgesAsync(options.Edges, cancellation).ConfigureAwait(false);
        await log.WriteLineAsync("everything runs").ConfigureAwait(false);

        var sampler = new Sampler(fleet);
        using var driver = new LoadDriver(options, keys, fleet.Edges);
        using var endOfSampling = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sampling = sampler.RunAsync(endOfSampling.Token);
        using (var endOfLoad = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            var load = driver.RunAsync(endOfLoad.Token);
            var length = Task.Delay(options.Length, cancellation);
            await Havoc.RunAsync(fleet, options, log, cancellation).ConfigureAwait(false);
            await length.ConfigureAwait(false);
            await endOfLoad.CancelAsync().ConfigureAwait(false);
            await load.ConfigureAwait(false);
        }

        await log.WriteLineAsync("the load is over").ConfigureAwait(false);
        await endOfSampling.CancelAsync().ConfigureAwait(false);
        await sampling.ConfigureAwait(false);
        var reckoning = new Reckoning(fleet, sampler, keys, driver.Calls);
        await reckoning.RestAsync(_patience, cancellation).ConfigureAwait(false);
        reckoning.Compare();
        await reckoning.ReconcileAsync(cancellation).ConfigureAwait(false);
        return new ChaosReport(options, fleet, keys, driver.Calls, sampler, reckoning);
    }
}
