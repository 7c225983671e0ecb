using System.Globalization;

namespace Gateway.Chaos.Running;

/// <summary>One virtual key and whether money may stop it.</summary>
internal sealed record CallerKey(string Name, string Id, string Secret, bool IsUnlimited, IReadOnlyList<string> Budgets);

/// <summary>The accounts, budgets, prices and routes of the run.</summary>
internal static class Setup
{
    /// <summary>Model names by the simulator's bill and their prices in nano-dollars a token: prompt, completion.</summary>
    public static readonly IReadOnlyDictionary<string, (long Input, long Output)> Prices = new Dictionary<string, (long, long)>(StringComparer.Ordinal) { ["pricea"] = (3, 5), ["priceb"] = (4, 7) };

    private const long Big = 1_000_000_000_000;
    private const int LimitedKeys = 4;

    /// <summary>Sets everything up; the keys that call.</summary>
    public static async Task<IReadOnlyList<CallerKey>> CreateAsync(Fleet fleet, ChaosOptions options, CancellationToken cancellation)
    {
        Task Make(string path, object body) => fleet.Admin.PostAsync(path, body, cancellation);
        _ = await fleet.Admin.SendAsync(HttpMethod.Patch, "settings", new { onAbandon = "Drain", unreported = "Bound", health = new { breakerMinimumCalls = 100_000, cooldownAfter = 1000 } }, cancellation).ConfigureAwait(false);
        foreach (var (model, (input, output)) in Prices)
        {
            var id = model[^1..];
            await Make("providers", new { id, baseUrl = fleet.Simulator.BaseUrl }).ConfigureAwait(false);
            await Make("credentials", new { id = id + "-1", providerId = id, secret = "sk-any" }).ConfigureAwait(false);
            await Make("deployments", new { id, providerId = id, credentialId = id + "-1", model = model + "*", price = new { version = "chaos", inputPerMillion = input * 1_000_000, outputPerMillion = output * 1_000_000 } }).ConfigureAwait(false);
        }

        object[] targets = [new { deploymentId = "a" }, new { deploymentId = "b" }];
        var timeouts = new { firstByteMs = 4_000, idleMs = 4_000 };
        await Make("routes", new { name = "sim*", targets, timeouts, maxAttempts = 3, retry = new { count = 1, baseMs = 20 } }).ConfigureAwait(false);
        await Make("routes", new { name = "simhedge*", targets, timeouts, hedge = new { delayMs = 300 } }).ConfigureAwait(false);
        await Make("routes", new { name = "simcontinue*", targets, timeouts, onCut = "Continue" }).ConfigureAwait(false);

        // About what one key would spend if nothing stopped it.
        var seconds = options.Length.TotalSeconds;
        var each = options.Streams / 6.0 * (seconds / (((double)options.Tokens / options.Rate) + 1)) * options.Tokens * 6;
        long Share(double part) => (long)Math.Max(each * part, 10_000);
        await Make("budgets", new { id = "customer", name = "big, of the customer", limitNanoUsd = Big, window = "Month", windows = (object[])[new { limitNanoUsd = Big, unit = "Total" }] }).ConfigureAwait(false);
        await Make("budgets", new { id = "team-dry", name = "runs dry", limitNanoUsd = Share(0.7), window = "Month", windows = (object[])[new { limitNanoUsd = Big, unit = "Month", resetDay = 15, timeZone = "Europe/Berlin" }] }).ConfigureAwait(false);
        await Make("budgets", new { id = "key-minute", name = "runs dry each minute", limitNanoUsd = Share(Math.Min(0.5, 30 / seconds)), window = "Minute", windows = (object[])[new { limitNanoUsd = Big, unit = "Month" }, new { limitNanoUsd = Big, unit = "Hour", rolling = true }] }).ConfigureAwait(false);
        await Make("budgets", new { id = "giant", name = "never reached", limitNanoUsd = Big * 100_000, window = "Total" }).ConfigureAwait(false);
        await Make("customers", new { id = "customer", name = "customer", budgetIds = (string[])["customer"] }).ConfigureAwait(false);
        await Make("budgets", new { id = "provider-a", name = "of one provider, runs dry", limitNanoUsd = Share(1.2), window = "Month", scope = new { providerId = "a", customerId = "customer" } }).ConfigureAwait(false);
        await Make("teams", new { id = "dry", name = "dry", customerId = "customer", budgetIds = (string[])["team-dry"] }).ConfigureAwait(false);
        await Make("teams", new { id = "rich", name = "rich", customerId = "customer" }).ConfigureAwait(false);

        var keys = new List<CallerKey>();
        async Task Key(string? team, string[] budgets, string[] all)
        {
            var name = "key-" + keys.Count.ToString(CultureInfo.InvariantCulture);
            var made = await fleet.Admin.PostAsync("keys", new { name, teamId = team, budgetIds = budgets }, cancellation).ConfigureAwait(false);
            keys.Add(new CallerKey(name, (string)made["id"]!, (string)made["key"]!, keys.Count >= LimitedKeys, all));
        }

        await Key("dry", [], ["customer#month", "team-dry#month"]).ConfigureAwait(false);
        await Key("dry", [], ["customer#total", "team-dry#month@15~Europe/Berlin"]).ConfigureAwait(false);
        await Key("rich", ["key-minute"], ["customer#month", "key-minute#minute", "key-minute#month"]).ConfigureAwait(false);
        await Key("rich", [], ["customer#month", "customer#total"]).ConfigureAwait(false);
        await Key(null, [], []).ConfigureAwait(false);
        await Key(null, ["giant"], ["giant#total"]).ConfigureAwait(false);
        return keys;
    }
}
