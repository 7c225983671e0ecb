namespace Gateway.Contracts.Configuration;

/// <summary>Tools of the MCP hub that chat requests get though they do not ask for them. A request that asks by its headers is given what it asks for instead.</summary>
public sealed record McpChatEntry
{
    /// <summary>Which tools: <c>*</c>, ids of servers and bundles, patterns <c>server/tool</c> with one <c>*</c> in each part. At most 100; empty: none.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];

    /// <summary>True: the gateway runs the model's calls and goes on until there are none. False (default): they are returned to the caller.</summary>
    public bool Run { get; set; }

    /// <summary>Most turns of the model when calls are run. Default 10; 1 to 100. A request may ask for fewer.</summary>
    public int MaxTurns { get; set; } = 10;

    /// <summary>After so many seconds no further turn begins, and calls under way are ended. Default 300; 1 to 3,600. A request may ask for less.</summary>
    public int MaxSeconds { get; set; } = 300;

    /// <summary>Once turns and calls cost so much together, no further turn begins; in nano-US-dollars. Null (default): budgets alone decide. A request may ask for less.</summary>
    public long? MaxCostNanoUsd { get; init; }
}
