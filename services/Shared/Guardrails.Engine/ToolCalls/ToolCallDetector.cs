using System.Text.RegularExpressions;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Regexes;

namespace Gateway.Guardrails.Engine.ToolCalls;

/// <summary>Finds calls of tools that are not allowed.</summary>
public sealed class ToolCallDetector : IDetector
{
    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "tool_calls",
        Summary = "Calls of tools that «allow» does not name, and arguments that match «patterns».",
        Kinds = [new("tool", "a tool that is not allowed"), new("argument", "arguments that match a pattern")],
        Members = DetectorMembers.Allow | DetectorMembers.Patterns | DetectorMembers.Context,
        RequiredAny = DetectorMembers.Allow | DetectorMembers.Patterns,
        Places = [GuardrailScope.ToolCall, GuardrailScope.Mcp],
        FindsSpans = false,
        HandlesAllow = true,
        Create = static settings => new ToolCallDetector(new AllowList(settings.Rule.Allow)),
        CreateFurther = static settings => settings.Rule.Patterns.Count > 0 && RegexDetector.TryCompile(settings, out IReadOnlyList<Regex> patterns)
            ? [new RegexDetector("tool_calls", "argument", patterns, settings.Rule.Context)]
            : [],
    };

    private readonly AllowList _tools;

    private ToolCallDetector(AllowList tools) => _tools = tools;

    /// <inheritdoc />
    public string Name => "tool_calls";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => 0;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        if (text.Offset + text.From == 0 && (text.Text.Length > 0 || text.IsComplete) && !_tools.IsEmpty && text.Facts.Tool is { } tool && !_tools.Contains(tool))
        {
            findings.Add(0, 1, "tool");
        }

        return text.Text.Length;
    }
}
