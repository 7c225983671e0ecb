using Gateway.McpHub.CodeMode;
using Gateway.ServiceDefaults;

namespace Gateway.McpHub.MetaTools;

/// <summary>When a list of tools gives way to tool search, and what programs may use.</summary>
internal sealed record MetaToolOptions
{
    public const string ListedAtMostKey = "McpHub:ListedToolsAtMost";
    public const string ProgramSecondsKey = "McpHub:ProgramSeconds";
    public const string ProgramCallsKey = "McpHub:ProgramCalls";

    /// <summary>A longer list is replaced by tool search. Default 100; 1 to 1,000,000.</summary>
    public int ListedAtMost { get; init; } = 100;

    /// <summary>What one program may use.</summary>
    public ProgramLimits Program { get; init; } = new();

    public static MetaToolOptions From(IConfiguration configuration)
    {
        var limits = new ProgramLimits();
        return new MetaToolOptions
        {
            ListedAtMost = configuration.WholeNumber(ListedAtMostKey, 100, 1, 1_000_000),
            Program = limits with
            {
                Time = TimeSpan.FromSeconds(configuration.WholeNumber(ProgramSecondsKey, 60, 1, 90)),
                Script = limits.Script with { MaxCalls = configuration.WholeNumber(ProgramCallsKey, 100, 1, 1_000) },
            },
        };
    }
}
