using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>What a store needs to be started.</summary>
internal sealed record StoreContext
{
    /// <summary>Folder of all state, absolute.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Whether programs found on PATH are used.</summary>
    public required bool UsePrograms { get; init; }

    /// <summary>Value of an environment variable, or null.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>For starting children.</summary>
    public required SupervisorServices Services { get; init; }

    /// <summary>Opens the log of a child by its name.</summary>
    public required Func<string, ServiceLog> OpenLog { get; init; }

    /// <summary>A free loopback port.</summary>
    public required Func<int> TakePort { get; init; }

    /// <summary>For health probes.</summary>
    public required HttpMessageInvoker Http { get; init; }

    /// <summary>Told of each process before it starts, so that a stop in between reaches it.</summary>
    public required Action<Supervisor> Started { get; init; }

    /// <summary>A program on PATH, unless none may be used.</summary>
    public string? FindProgram(string name) => UsePrograms ? Programs.Find(name, Environment("PATH")) : null;

    /// <summary>The outcome for a store whose connection strings the user gave, or null.</summary>
    public StoreOutcome? External(string name, params IEnumerable<string> connectionNames)
    {
        var given = connectionNames
            .Select(connection => (connection, Value: Environment("ConnectionStrings__" + connection)))
            .Where(entry => !string.IsNullOrEmpty(entry.Value))
            .ToDictionary(entry => entry.connection, entry => entry.Value!, StringComparer.Ordinal);
        return given.Count == 0 ? null : new StoreOutcome(name, StoreKind.External, $"external (ConnectionStrings__{given.Keys.First()})", given);
    }

    /// <summary>Starts a store's process; null and a line for the user when it does not get ready.</summary>
    /// <param name="process">The process.</param>
    /// <param name="instead">What the services use then.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Supervisor?> StartAsync(SupervisedProcess process, string instead, CancellationToken cancellationToken)
    {
        var supervisor = new Supervisor(process, Services, OpenLog(process.Name));
        Started(supervisor);
        supervisor.Start();
        var failure = await supervisor.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (failure is null)
        {
            return supervisor;
        }

        if (!cancellationToken.IsCancellationRequested)
        {
            Services.Report($"{failure}\n  {instead} is used instead.");
        }

        await supervisor.KillAsync().ConfigureAwait(false);
        return null;
    }
}
