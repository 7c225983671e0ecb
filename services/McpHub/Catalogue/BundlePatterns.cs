using System.Runtime.CompilerServices;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Catalogue;

/// <summary>Which tools a bundle holds.</summary>
internal sealed class BundlePatterns
{
    private static readonly ConditionalWeakTable<ToolBundle, BundlePatterns> Made = [];

    private readonly List<(string Server, string Tool)> patterns;

    private BundlePatterns(ToolBundle bundle)
        => patterns = [.. bundle.Tools.Select(p => p.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? (p[..at], p[(at + 1)..]) : (p, "*"))];

    /// <summary>The patterns of a scope; null where the scope is no bundle. A bundle that is gone holds nothing.</summary>
    public static BundlePatterns? Of(HubServers servers, HubScope scope)
        => scope.Kind != HubScopeKind.Bundle ? null : Made.GetValue(servers.Bundles.GetValueOrDefault(scope.Id!) ?? Gone, static b => new BundlePatterns(b));

    /// <summary>Whether it may hold tools of a server.</summary>
    public bool MayHave(string server) => patterns.Any(p => Fits(p.Server, server));

    /// <summary>Whether it holds a tool.</summary>
    public bool Has(HubTool tool) => patterns.Any(p => Fits(p.Server, tool.Server) && Fits(p.Tool, tool.Name));

    private static readonly ToolBundle Gone = new() { Id = "" };

    // Any number of stars, each for any text.
    internal static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
        {
            return pattern.SequenceEqual(text);
        }

        if (!text.StartsWith(pattern[..star]))
        {
            return false;
        }

        text = text[star..];
        pattern = pattern[(star + 1)..];
        for (var next = pattern.IndexOf('*'); next >= 0; next = pattern.IndexOf('*'))
        {
            var at = text.IndexOf(pattern[..next]);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + next)..];
            pattern = pattern[(next + 1)..];
        }

        return text.EndsWith(pattern);
    }
}
