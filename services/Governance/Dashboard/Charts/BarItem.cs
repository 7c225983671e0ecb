namespace Gateway.Dashboard.Charts;

/// <summary>A row of a list of bars.</summary>
public sealed record BarItem(string Name, double Value, string? Href = null, string Note = "");
