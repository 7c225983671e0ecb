using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>A tool that the answer calls.</summary>
internal readonly record struct DemoTool(string Name, JsonElement Parameters)
{
    /// <summary>Arguments of the shape the tool's schema asks for.</summary>
    public string Arguments() => SchemaExample.Write(Parameters);
}

/// <summary>Reads the tools of a request.</summary>
internal static class DemoTools
{
    /// <summary>The tool the caller demands, or null when it is left to the model (which never calls one of itself).</summary>
    public static DemoTool? Chosen(JsonElement body)
    {
        var tools = Read(body);
        switch (DemoJson.Member(body, "tool_choice"))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String } word:
                return word.GetString() switch
                {
                    "none" or "auto" => null,
                    "required" when tools.Count > 0 => tools[0],
                    "required" => throw DemoFaultException.Invalid("tool_choice", "'none' or 'auto' when there are no function tools"),
                    _ => throw DemoFaultException.Invalid("tool_choice", "'none', 'auto', 'required' or an object that names a function"),
                };
            case { ValueKind: JsonValueKind.Object } choice:
                var name = DemoJson.Object(choice, "function") is { } function ? DemoJson.Text(function, "name") : null;
                var index = tools.FindIndex(t => t.Name == name);
                return index >= 0 ? tools[index] : throw DemoFaultException.Invalid("tool_choice", "an object {\"type\":\"function\",\"function\":{\"name\":…}} that names one of 'tools'");
            default:
                throw DemoFaultException.Invalid("tool_choice", "a string or an object");
        }
    }

    /// <summary>The names of the tools offered.</summary>
    public static List<string> Names(JsonElement body) => [.. Read(body).Select(static t => t.Name)];

    /// <summary>Tokens of the tools' descriptions.</summary>
    public static long Tokens(JsonElement body) => DemoJson.Member(body, "tools") is { } tools ? (tools.GetRawText().Length + 3) / 4 : 0;

    private static List<DemoTool> Read(JsonElement body)
    {
        var tools = new List<DemoTool>();
        foreach (var tool in DemoJson.Array(body, "tools"))
        {
            if (tool.ValueKind != JsonValueKind.Object)
            {
                throw DemoFaultException.Invalid("tools", "an array of objects");
            }

            if (DemoJson.Object(tool, "function") is { } function)
            {
                var name = DemoJson.Text(function, "name") ?? throw DemoFaultException.Invalid("tools", "functions with a 'name'");
                tools.Add(new DemoTool(name, DemoJson.Object(function, "parameters") ?? default));
            }
        }

        return tools;
    }

}
