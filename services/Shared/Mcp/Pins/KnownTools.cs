namespace Gateway.Mcp.Pins;

/// <summary>The tools there are, found by what an inspection asks for: cost does not grow with their number. Not for several threads at once.</summary>
public sealed class KnownTools
{
    private readonly Dictionary<string, KnownTool> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _byPlainName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _byBody = new(StringComparer.Ordinal);

    /// <summary>Some tools.</summary>
    /// <param name="tools">The tools.</param>
    public KnownTools(IEnumerable<KnownTool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        foreach (var tool in tools)
        {
            Put(tool);
        }
    }

    /// <summary>Adds a tool, or replaces what is known of it.</summary>
    /// <param name="tool">The tool.</param>
    public void Put(KnownTool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        var id = McpIds.Tool(tool.Server, tool.Name);
        if (_byId.TryGetValue(id, out var before))
        {
            _byBody.GetValueOrDefault(before.Body)?.Remove(id);
        }

        _byId[id] = tool;
        Add(_byName, tool.Name, id);
        Add(_byPlainName, Plain(tool.Name), id);
        Add(_byBody, tool.Body, id);
    }

    /// <summary>A name without capitals and separators.</summary>
    internal static string Plain(string name) => string.Concat(name.Where(static c => c is not ('_' or '-' or '.' or ' ')).Select(char.ToLowerInvariant));

    /// <summary>A tool of another server with this name.</summary>
    internal KnownTool? Elsewhere(string server, string name) => Find(_byName, name, t => t.Server != server && !t.IsGone);

    /// <summary>A tool of another server whose name is nearly this one.</summary>
    internal KnownTool? AlikeElsewhere(string server, string name) => Find(_byPlainName, Plain(name), t => t.Server != server && !t.IsGone);

    /// <summary>A tool of the same server that is gone and was the same but for its name.</summary>
    internal KnownTool? Before(string server, string name, string body) => Find(_byBody, body, t => t.Server == server && t.IsGone && t.Name != name);

    private static void Add(Dictionary<string, HashSet<string>> index, string key, string id)
    {
        if (!index.TryGetValue(key, out var ids))
        {
            index[key] = ids = new HashSet<string>(StringComparer.Ordinal);
        }

        ids.Add(id);
    }

    private KnownTool? Find(Dictionary<string, HashSet<string>> index, string key, Func<KnownTool, bool> fits) =>
        index.TryGetValue(key, out var ids) ? ids.Select(id => _byId[id]).Where(fits).OrderBy(static t => t.Server, StringComparer.Ordinal).ThenBy(static t => t.Name, StringComparer.Ordinal).FirstOrDefault() : null;
}
