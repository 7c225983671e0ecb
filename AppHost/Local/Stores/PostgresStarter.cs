using System.Globalization;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Runs <c>postgres</c> on loopback, with a generated password and its data below the data folder.</summary>
internal static class PostgresStarter
{
    private const string Instead = "SQLite";

    /// <summary>External, started here, or embedded.</summary>
    public static async Task<StoreOutcome> StartAsync(string name, IReadOnlyDictionary<string, string> databases, StoreContext context, CancellationToken cancellationToken)
    {
        if (context.External(name, databases.Keys) is { } external)
        {
            return external;
        }

        if (context.FindProgram("postgres") is not { } postgres || context.FindProgram("initdb") is not { } initdb)
        {
            return StoreOutcome.Embedded(name, "embedded (SQLite)");
        }

        var user = UnprivilegedUser.Find();
        if (user.Error is not null)
        {
            context.Services.Report($"postgres is not started: {user.Error} {Instead} is used instead.");
            return StoreOutcome.Embedded(name, "embedded (SQLite; postgres did not start)");
        }

        var cluster = new PostgresCluster(context, postgres, initdb, user);
        if (await cluster.PrepareAsync(databases.Values, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            context.Services.Report($"postgres could not be set up: {failure}\n  {Instead} is used instead.");
            return StoreOutcome.Embedded(name, "embedded (SQLite; postgres could not be set up)");
        }

        var port = context.TakePort();
        string[] arguments =
        [
            "-D", cluster.DataFolder,
            "-c", "listen_addresses=127.0.0.1",
            "-c", string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            "-c", "unix_socket_directories=",
            "-c", "logging_collector=off",
        ];
        var process = new SupervisedProcess
        {
            Name = name,
            // Interrupt is the fast shutdown; SIGTERM would wait for every client to leave.
            Command = new ChildCommand { File = postgres, Arguments = arguments, Prefix = user.Prefix, WorkingDirectory = cluster.Folder, StopSignal = Signal.Interrupt },
            Probe = token => PostgresProbe.AcceptsAsync(port, token),
            StartLimit = TimeSpan.FromSeconds(30),
            StartAttempts = 1,
        };
        return await context.StartAsync(process, Instead, cancellationToken).ConfigureAwait(false) is { } supervisor
            ? new StoreOutcome(
                name,
                StoreKind.Local,
                $"postgres, data in {cluster.Folder}",
                databases.ToDictionary(entry => entry.Key, entry => $"Host=127.0.0.1;Port={port};Username=postgres;Password={cluster.Password};Database={entry.Value}", StringComparer.Ordinal),
                supervisor)
            : StoreOutcome.Embedded(name, "embedded (SQLite; postgres did not start)");
    }
}
