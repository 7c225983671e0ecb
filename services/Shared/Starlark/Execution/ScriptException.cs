namespace Gateway.Starlark.Execution;

/// <summary>Carries a failure from where it is found to the handler of the program or the end of the run; never leaves this library.</summary>
internal sealed class ScriptException(ScriptErrorKind kind, string message, string? hint = null) : Exception(message)
{
    public ScriptErrorKind Kind { get; } = kind;

    public string? Hint { get; } = hint;

    /// <summary>The place, where it is known before the machine adds its own.</summary>
    public (int Line, int Column) At { get; init; }

    /// <summary>Limits and cancelling end a run whatever the program wants.</summary>
    public bool CanBeHandled => Kind is ScriptErrorKind.Runtime or ScriptErrorKind.Tool;

    public static ScriptException Runtime(string message, string? hint = null) => new(ScriptErrorKind.Runtime, message, hint);

    public static ScriptException Syntax(int line, int column, string message, string? hint = null) => new(ScriptErrorKind.Syntax, message, hint) { At = (line, column) };
}
