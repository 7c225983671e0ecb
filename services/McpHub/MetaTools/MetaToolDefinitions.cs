using System.Collections.Frozen;
using System.Text;

namespace Gateway.McpHub.MetaTools;

/// <summary>
/// The few tools that a model gets instead of hundreds: find, describe, call, run a program. What they say of themselves is in every request of the model, so each word is paid for many times.
/// </summary>
internal static class MetaToolDefinitions
{
    /// <summary>Stands where a server's id does.</summary>
    public const string Server = Mcp.McpIds.Hub;

    public const string Find = "find_tools";
    public const string Describe = "describe_tools";
    public const string Call = "call_tool";
    public const string Run = "run_program";

    /// <summary>Most tools that one search gives for a step.</summary>
    public const int MostFound = 20;

    /// <summary>Tools that a search gives for each step of its query when no number is asked for.</summary>
    public const int FoundUnlessSaid = 5;

    /// <summary>Most tools that one search gives for all steps together.</summary>
    public const int MostForSteps = 30;

    /// <summary>Most tools that are described at once.</summary>
    public const int MostDescribed = 50;

    /// <summary>The definitions as <c>tools/list</c> has them, by name.</summary>
    public static FrozenDictionary<string, ReadOnlyMemory<byte>> All { get; } = new Dictionary<string, string>
    {
        [Find] = """
            {"name":"find_tools","description":"Search the available tools by what they do or by name; the whole task may be the query. Gives signatures, for each step of the task.","inputSchema":{"type":"object","properties":{"query":{"type":"string"},"limit":{"type":"integer","minimum":1,"maximum":20,"default":5}},"required":["query"]},"annotations":{"readOnlyHint":true,"openWorldHint":false}}
            """,
        [Describe] = """
            {"name":"describe_tools","description":"Parameters of tools in full.","inputSchema":{"type":"object","properties":{"names":{"type":"array","items":{"type":"string"},"maxItems":50}},"required":["names"]},"annotations":{"readOnlyHint":true,"openWorldHint":false}}
            """,
        [Call] = """
            {"name":"call_tool","description":"Call one tool.","inputSchema":{"type":"object","properties":{"name":{"type":"string"},"arguments":{"type":"object"}},"required":["name"]}}
            """,
        [Run] = """
            {"name":"run_program","description":"Run a Starlark program (Python syntax; no imports, classes, I/O) that calls several tools and returns only what is needed: x = server.tool(arg=value) gives parsed data; independent calls at once: a, b = gather([call(server.tool, arg=1), call(server.tool2)]); try/except handles failed calls; end with return value.","inputSchema":{"type":"object","properties":{"program":{"type":"string"}},"required":["program"]}}
            """,
    }.ToFrozenDictionary(static d => d.Key, static d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d.Value.Trim()), StringComparer.Ordinal);
}
