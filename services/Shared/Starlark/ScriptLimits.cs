namespace Gateway.Starlark;

/// <summary>What one run of a program may use. Time is bounded from outside, by cancelling.</summary>
public sealed record ScriptLimits
{
    /// <summary>Characters of the program. Default 65,536.</summary>
    public int MaxSourceLength { get; init; } = 65_536;

    /// <summary>Steps: one for each instruction, and more for what takes longer, in proportion. Default 5,000,000.</summary>
    public long MaxSteps { get; init; } = 5_000_000;

    /// <summary>Bytes that all values made in the run take together, those given up again included. Default 64 MiB.</summary>
    public long MaxMemoryBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Functions that may be running inside each other. Default 100; at most 1,000.</summary>
    public int MaxDepth { get; init; } = 100;

    /// <summary>Tool calls in all. Default 100.</summary>
    public int MaxCalls { get; init; } = 100;

    /// <summary>Characters that <c>print</c> may write; what goes beyond is cut off and said so. Default 65,536.</summary>
    public int MaxPrintLength { get; init; } = 65_536;

    /// <summary>Bytes of the JSON that the result is written as. Default 1 MiB.</summary>
    public int MaxResultBytes { get; init; } = 1024 * 1024;
}
