namespace Gateway.Starlark;

/// <summary>Why a program did not run to its end.</summary>
/// <param name="Kind">What sort of failure it is.</param>
/// <param name="Message">What is wrong, in one sentence.</param>
/// <param name="Line">Line of the program, from 1; 0 where there is none.</param>
/// <param name="Column">Column, from 1; 0 where there is none.</param>
/// <param name="Hint">What to write instead; null for none.</param>
public sealed record ScriptError(ScriptErrorKind Kind, string Message, int Line, int Column, string? Hint)
{
    /// <summary>The error as a model or a person reads it, with its place and hint.</summary>
    public override string ToString() =>
        (Line > 0 ? $"line {Line}, column {Column}: " : "") + Message + (Hint is null ? "" : $" ({Hint})");
}

/// <summary>What sort of failure ended a program.</summary>
public enum ScriptErrorKind
{
    /// <summary>The text is no program of the language; nothing was run.</summary>
    Syntax = 1,

    /// <summary>The program did something that its values do not allow, or called <c>fail</c>.</summary>
    Runtime = 2,

    /// <summary>A tool call failed and the program did not handle it.</summary>
    Tool = 3,

    /// <summary>A limit of <see cref="ScriptLimits"/> was reached. Programs cannot handle this.</summary>
    Limit = 4,

    /// <summary>The run was cancelled, or its time was up.</summary>
    Cancelled = 5,
}
