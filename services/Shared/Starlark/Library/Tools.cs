using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary><c>gather([call(tool, name=value), …])</c>: several tools at once.</summary>
internal static class Tools
{
    private const int MaxAtOnce = 100;

    /// <summary>Stands for the function; the machine makes the calls.</summary>
    public static readonly Func<Invocation, object> Gather = static c => throw c.Error("tools cannot be called from a function that a built-in function calls.", "call them in a loop, or with gather, first");

    public static object Call(Invocation call)
    {
        if (call.Positional.Length == 0 || call.Positional[0] is not ToolValue tool)
        {
            throw call.Error("the first argument is a tool.", "call(server.tool, name=value)");
        }

        return ToolArguments.Prepare(tool.Tool, call.Positional[1..], call.Names, call.Named, call.Meter);
    }

    public static List<PreparedCall> Gathered(Invocation call)
    {
        var items = call.Positional is [ListValue or TupleValue] ? Iteration.ToList(call.Positional[0], call.Meter) : [.. call.Positional];
        if (call.Names.Length > 0 || items.Count > MaxAtOnce)
        {
            throw call.Error(call.Names.Length > 0 ? "only calls are taken." : $"at most {MaxAtOnce} calls are made at once.");
        }

        return items.ConvertAll(item => item as PreparedCall ?? throw call.Error($"a member is a {ValueTypes.NameOf(item)} and no call.", "write call(server.tool, name=value) instead of server.tool(name=value)"));
    }
}
