using Gateway.AppHost.Local.Model;
using Gateway.AppHost.Local.Processes;
using Microsoft.Extensions.Configuration;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>Entry of the local process host: checks what was asked for, runs the gateway, and says how it ended.</summary>
internal static class LocalHost
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongUsage = 2;

    /// <summary>Runs until it is asked to stop. Returns the exit code.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="resources">The application.</param>
    /// <param name="configuration">Environment and command line.</param>
    /// <param name="cancellationToken">Stops it too.</param>
    public static async Task<int> RunAsync(LocalOptions options, IReadOnlyList<IResource> resources, IConfiguration configuration, CancellationToken cancellationToken)
    {
        var terminal = new Terminal(Console.Out, Console.Error);
        if (options.Help)
        {
            terminal.Say(LocalOptions.HelpText);
            return Success;
        }

        if ((options.Error ?? UsageError(resources)) is { } usage)
        {
            terminal.Error(usage);
            return WrongUsage;
        }

        using var data = DataDirectory.Open(options.DataDirectory, out var unusable);
        if (data is null)
        {
            terminal.Error(unusable!);
            return Failure;
        }

        using var signals = new StopSignals(options.ExitWithParent);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, cancellationToken);
        var pids = data.File("apphost.pids");
        // A host that was killed has a watchdog, which is done after two seconds.
        if (await PidFile.ClearAsync(pids, TimeSpan.FromSeconds(3)).ConfigureAwait(false) is > 0 and var killed)
        {
            terminal.Say($"Ended {killed} processes that an earlier run had left behind.");
        }

        var port = PortChooser.Choose(options.Port, LocalOptions.DefaultPort, PortChooser.IsFree, () => PortChooser.Free(1)[0]);
        if (port.Error is not null)
        {
            terminal.Error(port.Error);
            return Failure;
        }

        if (port.Note is not null)
        {
            terminal.Say(port.Note);
        }

        var watchdog = Watchdog.Start();
        await using (watchdog.ConfigureAwait(false))
        {
            var services = new SupervisorServices(watchdog, new PidFile(pids), terminal.Say, TimeProvider.System);
            using var run = new LocalRun(options, resources, configuration, data, terminal, services, port.Port);
            var failure = await run.StartAsync(stop.Token).ConfigureAwait(false);
            if (failure is null)
            {
                await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await run.StopAsync(signals.Hurry).ConfigureAwait(false);
            if (failure is { Length: > 0 })
            {
                terminal.Error(failure);
                return Failure;
            }
        }

        return Success;
    }

    private static string? UsageError(IReadOnlyList<IResource> resources)
    {
        if (resources.OfType<PublishEnvironmentResource>().Any())
        {
            return "Gateway:Target is for publishing, which needs Aspire: build with -p:UseAspire=true. Leave it out to run here.";
        }

        return resources.OfType<ProjectResource>().FirstOrDefault(service => !File.Exists(service.Project.TargetPath)) is { } missing
            ? $"{missing.Name} is not built: {missing.Project.TargetPath} is missing. Run 'dotnet build' first."
            : null;
    }
}
