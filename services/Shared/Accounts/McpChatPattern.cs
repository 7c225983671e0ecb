using System.Buffers;

namespace Gateway.Accounts;

/// <summary>The form of what names tools of the MCP hub for chat requests.</summary>
public static class McpChatPattern
{
    /// <summary>What it must look like; a sentence that goes on after its place.</summary>
    public const string Form = "must be '*', the id of a server or bundle, or a pattern server/tool: letters, digits and - _ . in both parts, and one '*' in each where wanted";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>True for text of the right form.</summary>
    public static bool IsGood(string text) =>
        text == "*" || McpToolPattern.IsGood(text) || (text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExcept(Characters));
}
