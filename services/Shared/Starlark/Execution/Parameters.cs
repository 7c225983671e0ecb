using Gateway.Starlark.Compilation;
using Gateway.Starlark.Syntax;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

/// <summary>Brings the arguments of a call into the variables of a function.</summary>
internal static class Parameters
{
    public static void Bind(FunctionValue function, object?[] locals, object[] positional, string[] names, object[] named, Meter meter)
    {
        var parameters = function.Code.Parameters;
        var taken = 0;
        DictValue? rest = null;
        for (var i = 0; i < parameters.Length; i++)
        {
            switch (parameters[i].Kind)
            {
                case ParameterKind.Plain when taken < positional.Length:
                    locals[i] = positional[taken++];
                    break;
                case ParameterKind.Rest:
                    meter.AllocateItems(positional.Length - taken);
                    locals[i] = new TupleValue(positional[taken..]);
                    taken = positional.Length;
                    break;
                case ParameterKind.Named:
                    locals[i] = rest = new DictValue();
                    break;
            }
        }

        if (taken < positional.Length)
        {
            throw ScriptException.Runtime($"{function.Code.Name} takes {taken} arguments without a name, and {positional.Length} are given.");
        }

        for (var i = 0; i < names.Length; i++)
        {
            var index = Array.FindIndex(parameters, p => p.Name == names[i] && p.Kind is ParameterKind.Plain or ParameterKind.NameOnly);
            if (index >= 0)
            {
                locals[index] = locals[index] is null ? named[i] : throw ScriptException.Runtime($"{function.Code.Name} is given {names[i]} twice.");
            }
            else if (rest is not null)
            {
                meter.Allocate(48);
                rest.Set(names[i], named[i]);
            }
            else
            {
                throw ScriptException.Runtime($"{function.Code.Name} has no parameter {names[i]}.", NameHints.Nearest(names[i], parameters.Select(static p => p.Name)) is { } nearest ? $"did you mean {nearest}?" : null);
            }
        }

        var defaults = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            var value = parameters[i].HasDefault ? function.Defaults[defaults++] : null;
            locals[i] ??= value ?? throw ScriptException.Runtime($"{function.Code.Name} needs {parameters[i].Name}.");
        }
    }
}
