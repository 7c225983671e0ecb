namespace Gateway.Mcp.Policies;

/// <summary>Who calls, as policies know him.</summary>
public sealed record ToolCaller
{
    /// <summary>Virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Team of the key; empty for none.</summary>
    public string TeamId { get; init; } = "";

    /// <summary>Customer of the key; empty for none.</summary>
    public string CustomerId { get; init; } = "";

    /// <summary>Tags of the key.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Tools that the key is narrowed to, as <c>server/tool</c> with <c>*</c>; empty: all.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];
}
