using System.Globalization;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>What the command line and environment ask of the local host.</summary>
internal sealed record LocalOptions
{
    /// <summary>The gateway's port when none is asked for.</summary>
    public const int DefaultPort = 8080;

    /// <summary>What <c>--help</c> prints.</summary>
    public const string HelpText = """
        Starts the whole gateway on this machine and runs until Ctrl-C.

        usage: dotnet run --project AppHost [-- options]

          --port N            port of the gateway, 0 for any free one (Gateway__Port; 8080, or the next free one)
          --data DIR          folder for keys, data and logs (Gateway__DataDirectory; .gateway)
          --no-stores         embedded stores only, even where redis-server, postgres or qdrant are on PATH
          --environment NAME  Development, where a default key is made and shown, or Production
          --verbose           every log line of every service on the console (Gateway__Verbose=true)
          --help              this text

        Stores: redis-server, postgres with initdb, and qdrant are started when they are on PATH. To use your own, set
        ConnectionStrings__redis, ConnectionStrings__gatewaydb or ConnectionStrings__qdrant. What is neither found nor
        given is embedded in the services (memory, SQLite, embedded vectors).

        Provider keys in the environment (OPENAI_API_KEY, ANTHROPIC_API_KEY, ...) are passed on to the services.
        All logs: <data>/logs. Running services, addresses and process ids: <data>/apphost.json.
        With -p:UseAspire=true the same topology runs on Aspire, in containers.
        """;

    /// <summary>The port asked for; 0 for any free one; null when none was asked for.</summary>
    public int? Port { get; init; }

    /// <summary>Absolute path of the folder for state.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Name of the environment the services run in: as asked for, else Development, because this host is for one's own machine.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>Whether every log line goes to the console.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether stores found on PATH are started.</summary>
    public bool UseStores { get; init; } = true;

    /// <summary>Whether to stop when the process that started this one is gone.</summary>
    public bool ExitWithParent { get; init; }

    /// <summary>Whether to print the help and end.</summary>
    public bool Help { get; init; }

    /// <summary>What is wrong with the settings; null when nothing is.</summary>
    public string? Error { get; init; }

    /// <summary>Reads the command line; what it leaves open comes from the environment.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">Value of a variable, or null.</param>
    public static LocalOptions Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        string? port = null;
        string? data = null;
        string? environmentName = null;
        string? error = null;
        var (verbose, help, stores, parent) = (false, false, true, false);
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            switch (name)
            {
                case "--port" or "--data" or "--environment" when value is null && i + 1 >= args.Count:
                    error ??= $"{name} needs a value.";
                    break;
                case "--port":
                    port = value ?? args[++i];
                    break;
                case "--data":
                    data = value ?? args[++i];
                    break;
                case "--environment":
                    environmentName = value ?? args[++i];
                    break;
                case "--verbose":
                    verbose = true;
                    break;
                case "--no-stores":
                    stores = false;
                    break;
                case "--exit-with-parent":
                    parent = true;
                    break;
                case "--help" or "-h" or "-?":
                    help = true;
                    break;
                default:
                    error ??= $"'{args[i]}' is not an option. Options: --port N, --data DIR, --environment NAME, --no-stores, --verbose, --help.";
                    break;
            }
        }

        var portSource = port is null ? "Gateway__Port" : "--port";
        var asked = port ?? environment("Gateway__Port");
        int? number = null;
        if (!string.IsNullOrEmpty(asked))
        {
            if (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed <= 65535)
            {
                number = parsed;
            }
            else
            {
                error ??= $"{portSource} is '{asked}'; it takes a port from 1 to 65535, or 0 for any free one.";
            }
        }

        var verboseVariable = environment("Gateway__Verbose");
        if (!string.IsNullOrEmpty(verboseVariable) && !bool.TryParse(verboseVariable, out _))
        {
            error ??= $"Gateway__Verbose is '{verboseVariable}'; it takes true or false.";
        }

        var directory = data ?? environment("Gateway__DataDirectory");
        return new LocalOptions
        {
            Port = number,
            DataDirectory = Path.GetFullPath(string.IsNullOrEmpty(directory) ? ".gateway" : directory),
            EnvironmentName = environmentName ?? FirstNonEmpty(environment("ASPNETCORE_ENVIRONMENT"), environment("DOTNET_ENVIRONMENT")) ?? "Development",
            Verbose = verbose || (bool.TryParse(verboseVariable, out var on) && on),
            UseStores = stores,
            ExitWithParent = parent,
            Help = help,
            Error = error,
        };
    }

    private static string? FirstNonEmpty(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}
