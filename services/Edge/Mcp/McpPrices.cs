using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Mcp;

/// <summary>What calls of tools cost, by the settings of their servers.</summary>
internal sealed class McpPrices(IReadOnlyList<McpServerEntry> servers)
{
    /// <summary>Stands where a server's id does, for the tools that the hub offers itself.</summary>
    public const string Hub = "gateway";

    private const string Separator = "__";
    private const int LongestName = 64;

    private readonly Dictionary<string, McpServerEntry> _servers = ById(servers);

    /// <summary>No server, no price.</summary>
    public static McpPrices None { get; } = new([]);

    /// <summary>What they were made of.</summary>
    public IReadOnlyList<McpServerEntry> Servers { get; } = servers;

    /// <summary>The dearest call there is: what one call of a program may cost.</summary>
    public long Highest { get; } = servers.SelectMany(static s => s.Tools).Max(static t => t.PriceNanoUsd) ?? 0;

    /// <summary>What a call costs, in nano-US-dollars.</summary>
    public long Of(string server, string tool) => _servers.TryGetValue(server, out var entry) ? Of(entry, t => Fits(t, tool)) : 0;

    /// <summary>What a call costs by the name that programs write, in which other signs than letters and digits are underscores.</summary>
    public long OfAlike(string server, string tool) =>
        _servers.TryGetValue(server, out var entry) ? Math.Max(Of(server, tool), entry.Tools.Where(t => Fits(Alike(t.Tool), Alike(tool))).Max(static t => t.PriceNanoUsd) ?? 0) : 0;

    /// <summary>The server, the tool and the price of a call by the name that callers see where several servers are listed together.</summary>
    public McpPriced Find(string name)
    {
        for (var at = name.IndexOf(Separator, StringComparison.Ordinal); at > 0; at = name.IndexOf(Separator, at + 1, StringComparison.Ordinal))
        {
            var (server, tool) = (name[..at], name[(at + Separator.Length)..]);
            if (_servers.TryGetValue(server, out var entry))
            {
                // A name of full length may be a shortened one: then it is charged by the dearest setting that its beginning fits.
                return new McpPriced(server, tool, name.Length == LongestName ? Math.Max(Of(server, tool), entry.Tools.Where(t => MayFit(t.Tool, tool)).Max(static t => t.PriceNanoUsd) ?? 0) : Of(server, tool));
            }

            if (server == Hub)
            {
                return new McpPriced(Hub, tool, 0);
            }
        }

        return new McpPriced("", name, 0);
    }

    private static long Of(McpServerEntry server, Func<string, bool> fits) =>
        server.Tools.FirstOrDefault(t => t.PriceNanoUsd is not null && fits(t.Tool))?.PriceNanoUsd ?? 0;

    private static bool Fits(string pattern, string tool)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return star < 0 ? pattern == tool
            : tool.Length >= pattern.Length - 1 && tool.AsSpan().StartsWith(pattern.AsSpan(0, star), StringComparison.Ordinal) && tool.AsSpan().EndsWith(pattern.AsSpan(star + 1), StringComparison.Ordinal);
    }

    private static string Alike(string name) => name.Replace('-', '_').Replace('.', '_').TrimEnd('_');

    private static bool MayFit(string pattern, string shortened)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        var head = star < 0 ? pattern : pattern[..star];
        var common = Math.Min(head.Length, Math.Max(0, shortened.Length - 9));
        return head.AsSpan(0, common).SequenceEqual(shortened.AsSpan(0, common));
    }

    private static Dictionary<string, McpServerEntry> ById(IReadOnlyList<McpServerEntry> servers)
    {
        var all = new Dictionary<string, McpServerEntry>(StringComparer.Ordinal);
        foreach (var server in servers)
        {
            all.TryAdd(server.Id, server);
        }

        return all;
    }
}

/// <summary>A tool and what a call of it costs.</summary>
/// <param name="Server">Its server; empty where the name tells none.</param>
/// <param name="Tool">Its name there.</param>
/// <param name="NanoUsd">What a call costs.</param>
internal readonly record struct McpPriced(string Server, string Tool, long NanoUsd)
{
    /// <summary>True for what calls other tools, whose prices nobody knows beforehand.</summary>
    public bool IsProgram => Server == McpPrices.Hub && Tool == "run_program";

    /// <summary>True for the hub's tool that calls one other.</summary>
    public bool IsCall => Server == McpPrices.Hub && Tool == "call_tool";

    /// <summary>What stands in usage records where the model does.</summary>
    public string Model => Server.Length == 0 ? $"mcp:{Tool}" : $"mcp:{Server}/{Tool}";
}
