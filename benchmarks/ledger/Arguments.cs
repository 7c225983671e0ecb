using System.Globalization;

namespace Gateway.LedgerBenchmark;

/// <summary>What to run, and how large.</summary>
internal sealed record Arguments
{
    public const string Help = """
        Measures governance's ledger: reports, record search, ingestion and leases, over the real endpoints of a service in this process.

        usage: dotnet run -c Release --project benchmarks/ledger -- [options]

          --small            small sizes: a check that it works, not a result
          --store LIST       of sqlite, postgres (both; postgres only where it is on PATH)
          --part LIST        of reports, records, logs, pages, ingest, leases (all but logs, which fills a second store of the same size)
          --rows N           raw records of the year (5,000,000)
          --requests N       requests in the year's aggregates (10,000,000)
          --ingest N         records of an ingestion run (100,000)
          --accounts N       budgets with an account each (1,000)
          --data DIR         keep the filled stores there, and use them again when they are there
          --save NAME        also write benchmarks/results/NAME.txt
          --help             this text
        """;

    public static IReadOnlyList<string> AllStores { get; } = ["sqlite", "postgres"];

    public static IReadOnlyList<string> AllParts { get; } = ["reports", "records", "logs", "pages", "ingest", "leases"];

    public IReadOnlyList<string> Stores { get; init; } = AllStores;

    public IReadOnlyList<string> Parts { get; init; } = [.. AllParts.Where(p => p != "logs")];

    public long Rows { get; init; } = 5_000_000;

    public long Requests { get; init; } = 10_000_000;

    public int Ingest { get; init; } = 100_000;

    public int Accounts { get; init; } = 1_000;

    public bool Small { get; init; }

    public string? Data { get; init; }

    public string? Save { get; init; }

    /// <summary>Null arguments and a message when they are wrong; null and no message when help is wanted.</summary>
    public static (Arguments? Arguments, string? Error) Parse(string[] args)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            switch (name)
            {
                case "--help" or "-h":
                    return (null, null);
                case "--small":
                    result = result with { Small = true, Rows = 60_000, Requests = 200_000, Ingest = 6_000 };
                    continue;
                default:
                    break;
            }

            if (++i == args.Length)
            {
                return (null, $"`{name}` wants a value; see --help.");
            }

            var value = args[i];
            var parts = value.Split(',');
            _ = long.TryParse(value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number);
            switch (name)
            {
                case "--store" when parts.All(AllStores.Contains): result = result with { Stores = parts }; break;
                case "--part" when parts.All(AllParts.Contains): result = result with { Parts = parts }; break;
                case "--rows" when number is >= 1_000 and <= 100_000_000: result = result with { Rows = number }; break;
                case "--requests" when number is >= 1_000 and <= 1_000_000_000: result = result with { Requests = number }; break;
                case "--ingest" when number is >= 1_000 and <= 10_000_000: result = result with { Ingest = (int)number }; break;
                case "--accounts" when number is >= 10 and <= 10_000: result = result with { Accounts = (int)number }; break;
                case "--data": result = result with { Data = Path.GetFullPath(value) }; break;
                case "--save" when value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'): result = result with { Save = value }; break;
                default: return (null, $"`{name} {value}` is not understood; see --help.");
            }
        }

        return (result, null);
    }
}
