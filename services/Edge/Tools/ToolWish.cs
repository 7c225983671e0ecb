using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Tools;

/// <summary>Which tools of the hub a request asks for, or its key or route asks for in its place.</summary>
/// <param name="Patterns">Which tools.</param>
/// <param name="Runs">Whether the gateway runs the model's calls.</param>
/// <param name="Limits">How long it goes on.</param>
internal sealed record ToolWish(IReadOnlyList<string> Patterns, bool Runs, AgentLimits Limits)
{
    private const int MostPatterns = 100;
    private const int LongestPattern = 200;

    /// <summary>True when a request may ask for tools: a plain look, which costs nothing where it does not.</summary>
    public static bool MayConcern(RequestContext context) =>
        context.Key!.Identity.McpChat is not null || context.Route?.Entry.McpChat is not null || context.Http.Request.Headers.ContainsKey(GatewayHeaders.McpTools);

    /// <summary>Reads what is asked for; null for nothing.</summary>
    public static (ToolWish? Wish, Failure? Problem) Read(RequestContext context)
    {
        var headers = context.Http.Request.Headers;
        var setting = context.Key!.Identity.McpChat ?? context.Route?.Entry.McpChat;
        var patterns = setting?.Tools ?? [];
        if (headers.TryGetValue(GatewayHeaders.McpTools, out var asked))
        {
            patterns = asked.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (patterns.Count > MostPatterns || patterns.Any(static p => p.Length > LongestPattern || p.Any(static c => !IsLegal(c)) || p.Count(static c => c == '/') > 1))
            {
                return (null, Wrong(GatewayHeaders.McpTools, $"'*', 'none', or at most {MostPatterns} servers, bundles and patterns of the form server/tool, separated by commas"));
            }

            patterns = patterns is ["none"] ? [] : patterns;
        }

        var limits = AgentLimits.Of(setting);
        var runs = setting?.Run ?? false;
        if (headers.TryGetValue(GatewayHeaders.Agent, out var agent) && !TryRead(agent.ToString(), ref runs, ref limits))
        {
            return (null, Wrong(GatewayHeaders.Agent, "'on', 'off', or limits such as 'turns=5; seconds=60; usd=0.10'"));
        }

        return (patterns.Count == 0 ? null : new ToolWish(patterns, runs, limits), null);
    }

    private static bool TryRead(string text, ref bool runs, ref AgentLimits limits)
    {
        var said = text.Trim();
        if (said.Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            runs = false;
            return true;
        }

        runs = true;
        foreach (var part in said.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && part.Equals("on", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (equals < 0 || !limits.TryNarrow(part[..equals].Trim(), part[(equals + 1)..].Trim(), out limits))
            {
                return false;
            }
        }

        return said.Length > 0;
    }

    private static bool IsLegal(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '*' or '/';

    private static Failure Wrong(string header, string form) => new(GatewayError.ValueInvalid, Step.Authorize, $"The header {header} must be {form}.") { Param = header };
}

/// <summary>How long a loop goes on.</summary>
/// <param name="Turns">Most turns of the model.</param>
/// <param name="Time">After it no further turn begins, and calls under way are ended.</param>
/// <param name="CostNanoUsd">Once turns and calls cost so much together, no further turn begins; null for no bound.</param>
internal readonly record struct AgentLimits(int Turns, TimeSpan Time, long? CostNanoUsd)
{
    private const int MostSeconds = 3_600;

    /// <summary>Those of a setting.</summary>
    public static AgentLimits Of(McpChatEntry? setting)
    {
        var entry = setting ?? new McpChatEntry();
        return new AgentLimits(entry.MaxTurns, TimeSpan.FromSeconds(entry.MaxSeconds), entry.MaxCostNanoUsd);
    }

    /// <summary>Takes a bound that a request asks for; it never widens one.</summary>
    public readonly bool TryNarrow(string name, string value, out AgentLimits narrowed)
    {
        narrowed = this;
        switch (name.ToLowerInvariant())
        {
            case "turns" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var turns) && turns > 0:
                narrowed = this with { Turns = Math.Min(Turns, turns) };
                return true;
            case "seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= MostSeconds:
                narrowed = this with { Time = TimeSpan.FromSeconds(Math.Min(Time.TotalSeconds, seconds)) };
                return true;
            case "usd" when decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd) && usd is >= 0 and <= 1_000_000:
                var cost = (long)(usd * 1_000_000_000);
                narrowed = this with { CostNanoUsd = Math.Min(CostNanoUsd ?? long.MaxValue, cost) };
                return true;
            default:
                return false;
        }
    }
}
