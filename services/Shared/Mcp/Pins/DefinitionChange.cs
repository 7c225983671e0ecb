namespace Gateway.Mcp.Pins;

/// <summary>One difference between two definitions of a tool, for people.</summary>
/// <param name="Path">Where it is: <c>description</c>, <c>inputSchema.properties.path.type</c>.</param>
/// <param name="Before">What was there, hidden characters written out; null: nothing.</param>
/// <param name="After">What is there now, likewise; null: nothing.</param>
public sealed record DefinitionChange(string Path, string? Before, string? After);
