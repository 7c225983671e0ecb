using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Routing.Rules;

namespace Gateway.Governance.Routes;

/// <summary>Reads the nested parts of a route.</summary>
internal static class RouteParts
{
    private const int MostTargets = 100;
    private const int MostAttributes = 20;
    private const int ValueLength = 500;
    private const int Hour = 3_600_000;

    public static RouteRule Rule(ObjectReader reader)
    {
        var rule = new RouteRule
        {
            Name = reader.Text("name", required: false, Formats.NameLength),
            When = reader.Text("when", required: true, RuleExpression.MostLength) ?? "false",
            Targets = reader.Texts("targets", MostTargets, Formats.ModelLength, Formats.Model),
            Route = reader.Text("route", required: false, Formats.ModelLength, Formats.Model),
            Set = reader.TextMap("set", MostAttributes, ValueLength, static (_, _) => null),
        };
        reader.Close();
        return rule;
    }

    public static RouteTimeouts Timeouts(ObjectReader reader) => Part(reader, "timeouts", new RouteTimeouts(), static n => new RouteTimeouts
    {
        FirstByteMs = (int?)n.Integer("firstByteMs", 1, (long)Hour),
        FirstTokenMs = (int?)n.Integer("firstTokenMs", 1, (long)Hour),
        IdleMs = (int?)n.Integer("idleMs", 1, (long)Hour),
        TotalMs = (int?)n.Integer("totalMs", 1, 24L * Hour),
        AllAttemptsMs = (int?)n.Integer("allAttemptsMs", 1, 24L * Hour),
    });

    public static RetryEntry Retry(ObjectReader reader) => Part(reader, "retry", new RetryEntry(), static n => new RetryEntry
    {
        Count = n.Integer("count", 0, 5, 0),
        BaseMs = n.Integer("baseMs", 1, 60_000, 250),
        MaxMs = n.Integer("maxMs", 1, 300_000, 5_000),
    });

    public static HedgeEntry Hedge(ObjectReader reader) => Part(reader, "hedge", new HedgeEntry(), static n => new HedgeEntry
    {
        DelayMs = (int?)n.Integer("delayMs", 1, 600_000L),
        Percentile = (int?)n.Integer("percentile", 50, 99L),
    });

    public static HealthSettings Health(ObjectReader reader) => Part(reader, "health", new HealthSettings(), static n =>
    {
        var d = new HealthSettings();
        return new HealthSettings
        {
            BreakerFailurePercent = n.Integer("breakerFailurePercent", 1, 100, d.BreakerFailurePercent),
            BreakerMinimumCalls = n.Integer("breakerMinimumCalls", 1, 100_000, d.BreakerMinimumCalls),
            BreakerWindowMs = n.Integer("breakerWindowMs", 1_000, 600_000, d.BreakerWindowMs),
            BreakerOpenMs = n.Integer("breakerOpenMs", 100, 600_000, d.BreakerOpenMs),
            BreakerProbes = n.Integer("breakerProbes", 1, 100, d.BreakerProbes),
            CooldownAfter = n.Integer("cooldownAfter", 1, 1_000, d.CooldownAfter),
            CooldownMs = n.Integer("cooldownMs", 100, Hour, d.CooldownMs),
            RateLimitCooldownMs = n.Integer("rateLimitCooldownMs", 0, Hour, d.RateLimitCooldownMs),
            MaxCooldownMs = n.Integer("maxCooldownMs", 1_000, 24 * Hour, d.MaxCooldownMs),
            ProviderConcurrency = (int?)n.Integer("providerConcurrency", 1, 1_000_000L),
            ProviderWaitMs = n.Integer("providerWaitMs", 0, 60_000, d.ProviderWaitMs),
            ShadowConcurrency = n.Integer("shadowConcurrency", 0, 10_000, d.ShadowConcurrency),
        };
    });

    private static T Part<T>(ObjectReader reader, string name, T defaults, Func<ObjectReader, T> read)
    {
        if (reader.Nested(name) is not { } nested)
        {
            return defaults;
        }

        var part = read(nested);
        nested.Close();
        return part;
    }
}
