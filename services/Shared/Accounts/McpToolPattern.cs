using System.Buffers;

namespace Gateway.Accounts;

/// <summary>The form of patterns of MCP tools: <c>server/tool</c>.</summary>
public static class McpToolPattern
{
    /// <summary>What a pattern must look like; a sentence that goes on after its place.</summary>
    public const string Form = "must have the form server/tool: letters, digits and - _ . in both parts, and one '*' in each where wanted";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*");

    /// <summary>True for a pattern of the right form.</summary>
    public static bool IsGood(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && parts.All(static p => p.Length > 0 && !p.AsSpan().ContainsAnyExcept(Characters) && p.Count(static c => c == '*') <= 1);
    }
}
