using System.Globalization;

namespace Gateway.Chaos;

/// <summary>How much chaos.</summary>
public sealed record ChaosOptions
{
    /// <summary>What <c>--help</c> says.</summary>
    public const string Help = """
        Shows that budgets hold: real edges and governance under load, faults, clock skew and kill -9, compared with the simulated provider's own bill.

        usage: dotnet run -c Release --project benchmarks/chaos -- [--edges 3] [--streams 1000] [--minutes 10] [--kills 4] [--tokens 60] [--rate 6] [--postgres CONNECTION] [--save FILE]

          --edges N      processes of the edge, each with a clock of its own (3)
          --streams N    callers at a time, half of them streaming (1000)
          --minutes N    length of the load; then everything comes to rest and is compared (10)
          --kills N      rounds of kill -9, each of an edge and of governance (4)
          --tokens N     tokens of an answer (60)
          --rate N       tokens a second of a stream (6)
          --postgres C   connection string of an empty database for governance; without it: SQLite
          --save FILE    also write the table there
        Exit code 0: every invariant held.
        """;

    /// <summary>Edges. Default 3.</summary>
    public int Edges { get; init; } = 3;

    /// <summary>Callers at a time. Default 1,000.</summary>
    public int Streams { get; init; } = 1000;

    /// <summary>Length of the load. Default 10 minutes.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Rounds of <c>kill -9</c>, each of an edge and of governance. Default 4.</summary>
    public int Kills { get; init; } = 4;

    /// <summary>Connection string of governance's database; null for SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>File to write the table to, or null.</summary>
    public string? Save { get; init; }

    /// <summary>Tokens of an answer.</summary>
    public int Tokens { get; init; } = 60;

    /// <summary>Tokens a second of a stream.</summary>
    public int Rate { get; init; } = 6;

    /// <summary>Null and a message when the arguments are wrong or help is wanted.</summary>
    public static ChaosOptions? Parse(IReadOnlyList<string> args, out string error)
    {
        var options = new ChaosOptions();
        error = Help;
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count || args[i] is "--help" or "-h")
            {
                return null;
            }

            var value = args[i + 1];
            var whole = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;
            switch (args[i])
            {
                case "--edges" when whole && number <= 20: options = options with { Edges = number }; break;
                case "--streams" when whole && number <= 20_000: options = options with { Streams = number }; break;
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 1440: options = options with { Length = TimeSpan.FromMinutes(minutes) }; break;
                case "--kills" when whole || number == 0: options = options with { Kills = number }; break;
                case "--tokens" when whole && number <= 10_000: options = options with { Tokens = number }; break;
                case "--rate" when whole && number <= 1000: options = options with { Rate = number }; break;
                case "--postgres": options = options with { Postgres = value }; break;
                case "--save": options = options with { Save = value }; break;
                default:
                    error = $"`{args[i]} {value}` is not understood.\n{Help}";
                    return null;
            }
        }

        return options;
    }
}
