using System.Globalization;

namespace Gateway.Load;

/// <summary>What to run.</summary>
internal sealed record Arguments
{
    public const string Help = """
        Measures the edge next to a direct baseline and nginx, on one machine in one run.

        usage: dotnet run -c Release --project benchmarks/load -- [options]

          --quick            one short run of everything: a check that it works, not a result
          --scenario LIST    of plain, latency, streams, guarded, size, keys, translate, ledger, cache (all)
          --targets LIST     of direct, nginx, edge (all that are there)
          --runs N           runs of each target in turn, the median counts (3)
          --seconds N        length of a run (8, at most 60)
          --connections N    connections of the plain scenario (32)
          --save NAME        also write benchmarks/results/NAME.txt
          --edge-dll FILE    another build of the edge
          --help             this text

        plain      a governed 0.3 KB chat request, as fast as it goes (wrk)
        latency    the same at a fixed 1,000 requests/s, open loop
        streams    256 streams of 20 chunks/s and 1,000 of 5 chunks/s, 220-byte chunks
        guarded    256 such streams with the guard of streams on (pii, secrets), against nginx and the edge without
        size       a 1 MB prompt, one connection (wrk)
        keys       the edge with 10,000 virtual keys in use against the edge with one (wrk)
        ledger     the edge under governance as fast as it goes: is every request in the ledger, on SQLite and Postgres
        cache      chats at full load with and without the semantic cache service (wrk)
        translate  1 KB chats between every two dialects against one that is passed through (wrk, nginx)
        """;

    public static IReadOnlyList<string> AllScenarios { get; } = ["plain", "latency", "streams", "guarded", "size", "keys", "translate", "ledger", "cache"];

    public static IReadOnlyList<string> AllTargets { get; } = ["direct", "nginx", "edge"];

    public IReadOnlyList<string> Scenarios { get; init; } = AllScenarios;

    public IReadOnlyList<string> Targets { get; init; } = AllTargets;

    public int Runs { get; init; } = 3;

    public int Seconds { get; init; } = 8;

    public int Connections { get; init; } = 32;

    public bool Quick { get; init; }

    public string? Save { get; init; }

    public string? EdgeDll { get; init; }

    /// <summary>Null arguments and a message when they are wrong; null and no message when help is wanted.</summary>
    public static (Arguments? Arguments, string? Error) Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--help" or "-h":
                    return (null, null);
                case "--quick":
                    result = result with { Quick = true, Runs = 1, Seconds = 2 };
                    continue;
                default:
                    break;
            }

            if (i + 1 == args.Length)
            {
                return (null, $"`{args[i]}` is not an option, or lacks its value; see --help.");
            }

            var (name, value) = (args[i], args[++i]);
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
            var list = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (name)
            {
                case "--scenario" when list.All(AllScenarios.Contains): result = result with { Scenarios = list }; break;
                case "--targets" when list.All(AllTargets.Contains): result = result with { Targets = list }; break;
                case "--runs" when number is >= 1 and <= 20: result = result with { Runs = number }; break;
                case "--seconds" when number is >= 1 and <= 60: result = result with { Seconds = number }; break;
                case "--connections" when number is >= 1 and <= 1000: result = result with { Connections = number }; break;
                case "--save" when value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'): result = result with { Save = value }; break;
                case "--edge-dll" when File.Exists(value): result = result with { EdgeDll = Path.GetFullPath(value) }; break;
                default: return (null, $"`{name} {value}` is not understood; see --help.");
            }
        }

        return (result, null);
    }
}
