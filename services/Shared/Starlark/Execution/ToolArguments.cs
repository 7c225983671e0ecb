using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

/// <summary>Makes a tool call of how a program writes it.</summary>
internal static class ToolArguments
{
    public static PreparedCall Prepare(ScriptTool tool, object[] positional, string[] names, object[] named, Meter meter)
    {
        var arguments = new DictValue();
        meter.AllocateItems(3L * (positional.Length + names.Length));

        // One dict without a name is what models write that think in JSON.
        if (positional is [DictValue whole] && names.Length == 0 && tool.Parameters.Count != 1)
        {
            foreach (var (key, value) in whole.Items)
            {
                arguments.Set(key as string ?? throw ScriptException.Runtime($"{tool.FullName}: names of arguments are texts."), value);
            }

            return new PreparedCall(tool, arguments);
        }

        if (positional.Length > tool.Parameters.Count)
        {
            throw ScriptException.Runtime(tool.Parameters.Count == 0 ? $"The arguments of {tool.FullName} need names." : $"{tool.FullName} takes at most {tool.Parameters.Count} arguments, and {positional.Length} are given.", $"write {tool.FullName}(name=value)");
        }

        for (var i = 0; i < positional.Length; i++)
        {
            arguments.Set(tool.Parameters[i], positional[i]);
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (arguments.Items.ContainsKey(names[i]))
            {
                throw ScriptException.Runtime($"{tool.FullName} is given {names[i]} twice.");
            }

            arguments.Set(names[i], named[i]);
        }

        return new PreparedCall(tool, arguments);
    }
}
