using Gateway.Starlark.Compilation;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>A function that the program defines.</summary>
internal sealed class FunctionValue(Code code, object[] defaults, Cell[] free)
{
    public Code Code { get; } = code;

    /// <summary>Defaults of the parameters that have one, in their order.</summary>
    public object[] Defaults { get; } = defaults;

    public Cell[] Free { get; } = free;
}

/// <summary>A function that is there from the start, or a method together with what it is of.</summary>
internal sealed class BuiltinValue(string name, Func<Invocation, object> body, object? self = null)
{
    public string Name { get; } = name;

    public Func<Invocation, object> Body { get; } = body;

    public object? Self { get; } = self;
}

/// <summary>A tool that the host offers.</summary>
internal sealed class ToolValue(ScriptTool tool)
{
    public ScriptTool Tool { get; } = tool;
}

/// <summary>Names with values behind a dot: the tools of a server, or <c>json</c>.</summary>
internal sealed class NamespaceValue(string name, IReadOnlyDictionary<string, object> members)
{
    public string Name { get; } = name;

    public IReadOnlyDictionary<string, object> Members { get; } = members;
}

/// <summary>A tool call that is not made yet: what <c>call</c> gives and <c>gather</c> takes.</summary>
internal sealed class PreparedCall(ScriptTool tool, DictValue arguments)
{
    public ScriptTool Tool { get; } = tool;

    public DictValue Arguments { get; } = arguments;
}
