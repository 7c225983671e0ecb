using System.Globalization;

namespace Gateway.Benchmarks.Traffic;

/// <summary>The program's arguments.</summary>
internal sealed record TrafficOptions
{
    public const string Help =
        """
        Sends a running gateway requests of six kinds (plain, streamed, embeddings, tools, guarded, failing) from keys of three teams, with a simulated provider behind it, so that
        every page of the dashboard has something to show. Makes providers, routes, keys and budgets in it: not for a gateway that matters.

          --gateway URL      the gateway (http://localhost:8080)
          --admin-key KEY    an admin key (default: what .gateway/admin.key says)
          --requests N       how many (10000)
          --together N       how many at a time (32)
          --simulator PORT   port of the simulated provider (9009); 0 takes a free one
          --stay             keep the provider until Ctrl C
        """;

    public Uri Gateway { get; init; } = new("http://localhost:8080");

    public string AdminKey { get; init; } = "";

    public int Requests { get; init; } = 10_000;

    public int Together { get; init; } = 32;

    public int SimulatorPort { get; init; } = 9009;

    public bool Stays { get; init; }

    /// <summary>Null where they cannot be read, or help is wanted.</summary>
    public static TrafficOptions? Read(string[] args)
    {
        var options = new TrafficOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--stay")
            {
                options = options with { Stays = true };
                continue;
            }

            if (i + 1 == args.Length)
            {
                return null;
            }

            var (name, value) = (args[i], args[++i]);
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            TrafficOptions? next = name switch
            {
                "--gateway" when Uri.TryCreate(value, UriKind.Absolute, out var address) => options with { Gateway = address },
                "--admin-key" => options with { AdminKey = value },
                "--requests" when isNumber => options with { Requests = number },
                "--together" when isNumber && number > 0 => options with { Together = number },
                "--simulator" when isNumber && number <= ushort.MaxValue => options with { SimulatorPort = number },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        const string KeyFile = ".gateway/admin.key";
        return options.AdminKey.Length > 0 ? options : File.Exists(KeyFile) ? options with { AdminKey = File.ReadAllText(KeyFile).Trim() } : null;
    }
}
