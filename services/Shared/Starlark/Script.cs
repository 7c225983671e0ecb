using Gateway.Starlark.Compilation;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Library;
using Gateway.Starlark.Syntax;
using Gateway.Starlark.Values;

namespace Gateway.Starlark;

/// <summary>
/// A program, read and checked. The language is a subset of Starlark (https://github.com/bazelbuild/starlark/blob/master/spec.md) with some of Python's habits; docs/code-mode.md
/// describes it. It reaches nothing but the tools that it is given, and the same answers of tools give the same result.
/// </summary>
public sealed class Script
{
    private readonly Code program;
    private readonly IReadOnlyList<string> globals;
    private readonly IReadOnlyDictionary<string, object> predeclared;
    private readonly ScriptLimits limits;

    private Script(Code program, IReadOnlyList<string> globals, IReadOnlyDictionary<string, object> predeclared, ScriptLimits limits) =>
        (this.program, this.globals, this.predeclared, this.limits) = (program, globals, predeclared, limits);

    /// <summary>Reads a program.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="tools">What it may call.</param>
    /// <param name="limits">What a run may use.</param>
    /// <param name="error">Why it is none; null when it is one.</param>
    /// <returns>The program, or null when the text is none.</returns>
    public static Script? Parse(string source, IReadOnlyList<ScriptTool> tools, ScriptLimits limits, out ScriptError? error)
    {
        try
        {
            if (source.Length > limits.MaxSourceLength)
            {
                throw ScriptException.Syntax(0, 0, $"The program has {source.Length:N0} characters; at most {limits.MaxSourceLength:N0} are read.");
            }

            var predeclared = Predeclared(tools);
            var function = Parser.Program(source);
            var resolver = new Resolver([.. predeclared.Keys]);
            resolver.Resolve(function);
            error = null;
            return new Script(Compiler.Compile(function), resolver.Globals, predeclared, limits);
        }
        catch (ScriptException e)
        {
            error = new ScriptError(ScriptErrorKind.Syntax, e.Message, e.At.Line, e.At.Column, e.Hint);
            return null;
        }
    }

    /// <summary>Begins a run.</summary>
    /// <param name="cancellationToken">Ends it at its next step: a caller that leaves, or a time that is up.</param>
    public ScriptRun Start(CancellationToken cancellationToken = default)
    {
        var meter = new Meter(limits, cancellationToken);
        return new ScriptRun(new Machine(program, globals, predeclared, meter), meter);
    }

    private static Dictionary<string, object> Predeclared(IReadOnlyList<ScriptTool> tools)
    {
        var all = new Dictionary<string, object>(Builtins.All);
        foreach (var group in tools.GroupBy(static t => t.Namespace))
        {
            if (group.Key.Length > 0)
            {
                all[group.Key] = new NamespaceValue(group.Key, group.GroupBy(static t => t.Name).ToDictionary(static g => g.Key, static g => (object)new ToolValue(g.First())));
                continue;
            }

            foreach (var tool in group)
            {
                all[tool.Name] = new ToolValue(tool);
            }
        }

        return all;
    }
}
