namespace Gateway.AppHost.Local.Processes;

/// <summary>What to run as a child process.</summary>
internal sealed record ChildCommand
{
    /// <summary>Absolute path of the program.</summary>
    public required string File { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Changes to the inherited environment; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The folder it starts in; null for this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The signal that asks it to stop in good order.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>Written to its standard input, which is then closed; null for an empty input.</summary>
    public string? Input { get; init; }

    /// <summary>What to put before the program to drop privileges; empty to run as ourselves.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];
}

/// <summary>The signals the host sends, by their POSIX numbers.</summary>
internal enum Signal
{
    /// <summary>Only asks whether the process exists.</summary>
    None = 0,

    /// <summary>SIGINT: Postgres' fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,
}
