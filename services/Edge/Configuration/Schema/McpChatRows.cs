namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of which tools of the MCP hub chat requests get, for routes and keys.</summary>
internal static class McpChatRows
{
    public const string PatternForm = "`*`, ids of servers and bundles, or patterns server/tool";

    public static IEnumerable<Setting> At(string path, string whose, string absent) =>
    [
        new(path, SettingType.Section, $"Tools of the MCP hub that {whose} chat requests get though they do not ask for them; see [agent-mode.md](agent-mode.md). Absent: {absent}. Short form: the tools.") { ShortFor = "tools" },
        new($"{path}.tools", SettingType.TextList, "Which tools. Empty: none.") { Form = PatternForm },
        new($"{path}.run", SettingType.Flag, "Whether the gateway runs the model's calls and goes on until there are none; else they are returned to the caller.") { Default = "false" },
        new($"{path}.maxTurns", SettingType.Integer, "Most turns of the model when calls are run.") { Min = 1, Max = 100, Default = "10" },
        new($"{path}.maxSeconds", SettingType.Integer, "After so many seconds no further turn begins, and calls under way are ended.") { Min = 1, Max = 3_600, Default = "300" },
        new($"{path}.maxCostUsd", SettingType.Amount, "Once turns and calls cost so many US dollars together, no further turn begins. Absent: budgets alone decide.") { Max = 1_000_000 },
    ];
}
