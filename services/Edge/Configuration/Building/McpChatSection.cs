using Gateway.Accounts;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads which tools of the MCP hub chat requests get.</summary>
internal static class McpChatSection
{
    private const string Member = "mcpChat";

    public static McpChatEntry? Read(SectionReader owner, BuildContext context)
    {
        if (!owner.Has(Member))
        {
            return null;
        }

        var section = owner.Section(Member);
        var tools = section.Texts("tools");
        foreach (var tool in tools.Where(static t => !McpChatPattern.IsGood(t.Text)))
        {
            context.Error(tool, $"This names no tools: it {McpChatPattern.Form}.");
        }

        return new McpChatEntry
        {
            Tools = [.. tools.Select(static t => t.Text)],
            Run = section.Flag("run"),
            MaxTurns = section.Int("maxTurns"),
            MaxSeconds = section.Int("maxSeconds"),
            MaxCostNanoUsd = section.Amount("maxCostUsd") is { } usd ? NanoUsd.FromUsd(usd) : null,
        };
    }
}
