using System.Globalization;
using Gateway.AppHost.Local.Hosting;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>The files of a Postgres server: made once, whole or not at all.</summary>
internal sealed class PostgresCluster(StoreContext context, string postgres, string initdb, UnprivilegedUser user)
{
    private string PasswordFile => Path.Combine(context.DataDirectory, "postgres.password");

    /// <summary>Folder of everything, owned by the user Postgres runs as.</summary>
    public string Folder { get; } = Path.Combine(context.DataDirectory, "postgres");

    /// <summary>The data itself.</summary>
    public string DataFolder => Path.Combine(Folder, "data");

    /// <summary>Password of the role <c>postgres</c>, after <see cref="PrepareAsync"/>.</summary>
    public string Password { get; private set; } = string.Empty;

    /// <summary>Makes what is missing. Null when it is ready, otherwise what went wrong.</summary>
    /// <param name="databases">Databases that must exist.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> PrepareAsync(IEnumerable<string> databases, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Folder);
        if (user.Name is not null && await GiveToUserAsync(cancellationToken).ConfigureAwait(false) is { } denied)
        {
            return denied;
        }

        RemoveStalePid();
        var isNew = !Directory.Exists(DataFolder);
        var known = File.Exists(PasswordFile) ? (await File.ReadAllTextAsync(PasswordFile, cancellationToken).ConfigureAwait(false)).Trim() : string.Empty;
        if (!isNew && known.Length > 0)
        {
            Password = known;
            return null;
        }

        Password = Secrets.NewPassword();
        var statements = $"ALTER ROLE postgres PASSWORD '{Password}';\n";
        if (!isNew)
        {
            if (await SingleUserAsync(DataFolder, statements, cancellationToken).ConfigureAwait(false) is { } reset)
            {
                return reset;
            }
        }
        else if (await CreateAsync(statements + string.Concat(databases.Select(database => $"CREATE DATABASE \"{database}\";\n")), cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        Secrets.Write(PasswordFile, Password + "\n");
        return null;
    }

    private async Task<string?> CreateAsync(string statements, CancellationToken cancellationToken)
    {
        // Under another name until it is whole: a start that is killed half way leaves nothing that looks like data.
        var draft = Path.Combine(Folder, "new");
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        string[] arguments = ["-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
        var failure = await RunAsync(initdb, arguments, null, cancellationToken).ConfigureAwait(false)
            ?? await SingleUserAsync(draft, statements, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            return failure;
        }

        await File.WriteAllTextAsync(Path.Combine(draft, "pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n", cancellationToken).ConfigureAwait(false);
        Directory.Move(draft, DataFolder);
        return null;
    }

    // No client program is needed to create the role's password and the databases, and no server that trusts everyone runs.
    private Task<string?> SingleUserAsync(string folder, string statements, CancellationToken cancellationToken) =>
        RunAsync(postgres, ["--single", "-D", folder, "-c", "exit_on_error=on", "postgres"], statements, cancellationToken);

    private async Task<string?> GiveToUserAsync(CancellationToken cancellationToken)
    {
        // The data folder itself is ours alone; the other user must be able to pass through it to its own part.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(context.DataDirectory, File.GetUnixFileMode(context.DataDirectory) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        var chown = Programs.FindSystem("chown");
        return chown is null
            ? "there is no chown to give the data folder to the user postgres runs as."
            : await RunAsync(chown, [string.Create(CultureInfo.InvariantCulture, $"{user.UserId}:{user.GroupId}"), Folder], null, cancellationToken, asUser: false).ConfigureAwait(false);
    }

    // After a SIGKILL the pid in the file may belong to any process, which Postgres would take for a running server.
    private void RemoveStalePid()
    {
        var file = Path.Combine(DataFolder, "postmaster.pid");
        if (!OperatingSystem.IsLinux() || !File.Exists(file))
        {
            return;
        }

        var pid = File.ReadLines(file).FirstOrDefault()?.Trim();
        var commandLine = $"/proc/{pid}/cmdline";
        if (!File.Exists(commandLine) || !File.ReadAllText(commandLine).Contains(DataFolder, StringComparison.Ordinal))
        {
            File.Delete(file);
        }
    }

    private async Task<string?> RunAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken, bool asUser = true)
    {
        var gate = new Lock();
        var lines = new List<string>();
        var command = new ChildCommand
        {
            File = program,
            Arguments = arguments,
            Input = input,
            Prefix = asUser ? user.Prefix : [],
            WorkingDirectory = asUser ? Folder : context.DataDirectory,
            StopSignal = Signal.Terminate,
        };
        using var child = ChildProcess.Start(command, context.Services.Watchdog, context.Services.Pids, (line, _) =>
        {
            lock (gate)
            {
                lines.Add(line);
            }
        });
        using var registration = cancellationToken.Register(() => child.Send(Signal.Kill));
        var done = await child.WaitForExitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false);
        if (!done)
        {
            child.Send(Signal.Kill);
            return $"{Path.GetFileName(program)} took longer than 60 s.";
        }

        if (await child.Exited.ConfigureAwait(false) == 0)
        {
            return null;
        }

        lock (gate)
        {
            var reason = lines.LastOrDefault(line => line.Contains("error:", StringComparison.OrdinalIgnoreCase) || line.Contains("FATAL", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "no message";
            return $"{Path.GetFileName(program)}: {reason}";
        }
    }
}
