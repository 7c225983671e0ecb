using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Matching;

namespace Gateway.Mcp.Policies;

/// <summary>A condition on an argument, ready to be asked.</summary>
internal sealed class CompiledCondition(McpArgumentCondition entry)
{
    public ArgumentPath Path { get; } = new(entry.Path);

    public ValueSet Values { get; } = new(entry.Values);

    /// <summary>Under a rule that allows: it is there, and every value fits.</summary>
    public bool Holds(JsonElement arguments)
    {
        var values = Path.Values(arguments);
        return values.Count > 0 && values.All(v => v is not null && Values.HasSafely(v));
    }

    /// <summary>Under a rule that forbids: some value fits.</summary>
    public bool Touches(JsonElement arguments) => Path.Values(arguments).Any(v => v is not null && Values.Has(v));
}

/// <summary>A pattern of calls, ready to be asked.</summary>
internal sealed class CompiledCall(McpCallPattern entry)
{
    private readonly IReadOnlyList<ToolPattern> _tools = ToolPattern.Of(entry.Tools);

    public IReadOnlyList<CompiledCondition> Conditions { get; } = [.. entry.Arguments.Select(static a => new CompiledCondition(a))];

    public bool Selects(string server, string tool)
    {
        foreach (var pattern in _tools)
        {
            if (pattern.Selects(server, tool))
            {
                return true;
            }
        }

        return false;
    }

    public bool Allows(JsonElement arguments) => Conditions.All(c => c.Holds(arguments));

    public bool Forbids(JsonElement arguments) => Conditions.All(c => c.Touches(arguments));
}
