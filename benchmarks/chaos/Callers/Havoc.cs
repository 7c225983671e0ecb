using Gateway.Chaos.Running;

namespace Gateway.Chaos.Callers;

/// <summary>Kills an edge and governance, in turn and while they work, and starts them again.</summary>
internal static class Havoc
{
    public static async Task RunAsync(Fleet fleet, ChaosOptions options, TextWriter log, CancellationToken end)
    {
        var turn = options.Length / (options.Kills + 1);
        for (var k = 0; k < options.Kills; k++)
        {
            await Task.Delay(turn * 0.8, end).ConfigureAwait(false);
            if (k == options.Kills / 2)
            {
                // From here on callers who leave break their calls off, and what these used has to be estimated.
                await RetryAsync(() => fleet.Admin.SendAsync(HttpMethod.Patch, "settings", new { onAbandon = "Abort" }, end), end).ConfigureAwait(false);
            }

            var edge = fleet.Edges[k % fleet.Edges.Count];
            await edge.KillAsync().ConfigureAwait(false);
            await log.WriteLineAsync($"kill -9 {edge.Name}").ConfigureAwait(false);
            if (k % 2 == 1)
            {
                // Both at once: what the edge left behind waits for governance.
                await fleet.Governance.KillAsync().ConfigureAwait(false);
                await log.WriteLineAsync("kill -9 governance").ConfigureAwait(false);
                edge.Start();
                await Task.Delay(turn * 0.05, end).ConfigureAwait(false);
                fleet.Governance.Start();
            }
            else
            {
                edge.Start();
                await edge.ReadyAsync(end).ConfigureAwait(false);
                await Task.Delay(turn * 0.1, end).ConfigureAwait(false);
                await fleet.Governance.KillAsync().ConfigureAwait(false);
                await log.WriteLineAsync("kill -9 governance").ConfigureAwait(false);
                fleet.Governance.Start();
            }

            await fleet.Governance.ReadyAsync(end).ConfigureAwait(false);
            await edge.ReadyAsync(end).ConfigureAwait(false);
        }
    }

    private static async Task RetryAsync(Func<Task> change, CancellationToken end)
    {
        while (true)
        {
            try
            {
                await change().ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(200, end).ConfigureAwait(false);
            }
        }
    }
}
