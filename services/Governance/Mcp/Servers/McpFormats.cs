using Gateway.Governance.Api;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Servers;

/// <summary>Checks of texts of the hub's entries; each returns what is wrong, or null.</summary>
internal static class McpFormats
{
    public const int DescriptionLength = 1000;
    public const int UrlLength = 2000;

    /// <summary>What follows <c>/mcp/</c>: a server, a bundle, or the hub's own.</summary>
    public static string? Scope(string text) => McpIds.IsGood(text) ? null : McpIds.Form + ".";

    public static string? Id(string text) =>
        !McpIds.IsGood(text) ? McpIds.Form + "."
        : text == McpIds.Hub ? "is the hub's own: /mcp/gateway has the tools by which others are searched."
        : null;

    /// <summary>An address that is called as it is; unlike one that paths are appended to it may have a query.</summary>
    public static string? Address(string text) =>
        !Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            ? "must be an absolute http or https address, for example https://mcp.example.com/mcp."
            : uri.UserInfo.Length > 0 ? "must not contain a user name or password; store the secret as a credential."
            : uri.Fragment.Length > 0 ? "must not have a fragment."
            : null;

    /// <summary>The name of a tool as it is on its server, with one <c>*</c>.</summary>
    public static string? ToolName(string text) => text.Count(static c => c == '*') > 1 ? "may have one '*'." : null;

    public static string? VariableName(string text) =>
        char.IsAsciiDigit(text[0]) || text.Any(static c => !char.IsAsciiLetterOrDigit(c) && c != '_') ? "must have only letters, digits and '_', and not begin with a digit." : null;

    public static string? Folder(string text) => Path.IsPathFullyQualified(text) ? null : "must be an absolute path.";

    public static string? Header(string name, string value) =>
        Formats.HeaderName(name) ?? (value.Any(static c => c is < ' ' or > '~') ? "must have only visible ASCII characters and spaces." : McpHeaders.IsReserved(name) ? "is set by the hub." : null);
}
