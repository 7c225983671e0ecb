using Gateway.Accounts;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Api;

/// <summary>Reads which tools of the MCP hub chat requests get, of keys and routes.</summary>
internal static class McpChatFields
{
    private const int MostPatterns = 100;
    private const int LongestPattern = 200;
    private const long MostCost = 1_000_000_000_000_000;

    public static McpChatEntry? Read(ObjectReader owner)
    {
        if (owner.Nested("mcpChat") is not { } reader)
        {
            return null;
        }

        var defaults = new McpChatEntry();
        var entry = new McpChatEntry
        {
            Tools = reader.Texts("tools", MostPatterns, LongestPattern, static t => McpChatPattern.IsGood(t) ? null : McpChatPattern.Form + "."),
            Run = reader.Boolean("run", false),
            MaxTurns = reader.Integer("maxTurns", 1, 100, defaults.MaxTurns),
            MaxSeconds = reader.Integer("maxSeconds", 1, 3_600, defaults.MaxSeconds),
            MaxCostNanoUsd = reader.Integer("maxCostNanoUsd", 0, MostCost),
        };
        reader.Close();
        return entry;
    }
}
