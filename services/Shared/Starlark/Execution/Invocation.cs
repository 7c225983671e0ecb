using Gateway.Starlark.Compilation;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

/// <summary>A call of a built-in function: its arguments, and the machine that it runs on.</summary>
internal sealed class Invocation(Machine machine, string name, object? self, object[] positional, string[] names, object[] named)
{
    public Machine Machine { get; } = machine;

    public Meter Meter => Machine.Meter;

    /// <summary>Of a method what it is of.</summary>
    public object Self => self!;

    public object[] Positional { get; } = positional;

    public string[] Names { get; } = names;

    public object[] Named { get; } = named;

    /// <summary>The arguments by parameter. A parameter that ends with <c>?</c> may be left out, which gives null.</summary>
    public object?[] Bind(params ReadOnlySpan<string> parameters)
    {
        if (Positional.Length > parameters.Length)
        {
            throw ScriptException.Runtime($"{name} takes {Count(parameters.Length)}, and {Positional.Length} are given.");
        }

        var values = new object?[parameters.Length];
        Positional.CopyTo(values, 0);
        for (var i = 0; i < Names.Length; i++)
        {
            var index = IndexOf(parameters, Names[i]);
            if (index < 0)
            {
                throw ScriptException.Runtime($"{name} has no parameter {Names[i]}.", Hint(parameters, Names[i]));
            }

            values[index] = values[index] is null ? Named[i] : throw ScriptException.Runtime($"{name} is given {Names[i]} twice.");
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            if (values[i] is null && !parameters[i].EndsWith('?'))
            {
                throw ScriptException.Runtime($"{name} needs {parameters[i]}.");
            }
        }

        return values;
    }

    public ScriptException Error(string message, string? hint = null) => ScriptException.Runtime($"{name}: {message}", hint);

    public string Text(object? value, string parameter) => value as string ?? throw Error($"{parameter} is a {ValueTypes.NameOf(value ?? None.Value)}, not a text.");

    public long Integer(object? value, string parameter) => value is not null && ValueTypes.IsInteger(value, out var i) ? i : throw Error($"{parameter} is a {ValueTypes.NameOf(value ?? None.Value)}, not an integer.");

    private static int IndexOf(ReadOnlySpan<string> parameters, string wanted)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].AsSpan().TrimEnd('?').SequenceEqual(wanted))
            {
                return i;
            }
        }

        return -1;
    }

    private static string? Hint(ReadOnlySpan<string> parameters, string wanted) =>
        NameHints.Nearest(wanted, [.. parameters.ToArray().Select(static p => p.TrimEnd('?'))]) is { } nearest ? $"did you mean {nearest}?" : null;

    private static string Count(int count) => count switch { 0 => "no arguments", 1 => "one argument", _ => $"at most {count} arguments" };
}
