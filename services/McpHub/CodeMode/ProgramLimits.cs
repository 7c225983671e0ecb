using Gateway.Starlark;

namespace Gateway.McpHub.CodeMode;

/// <summary>What one program may use.</summary>
internal sealed record ProgramLimits
{
    /// <summary>Steps, memory, depth, number of calls, length of what it says.</summary>
    public ScriptLimits Script { get; init; } = new();

    /// <summary>How long it may take, its calls included. Default 60 seconds.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Calls of one <c>gather</c> that are under way at once. Default 8.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>What its calls may cost together; null for no bound.</summary>
    public long? MaxCostNanoUsd { get; init; }
}
