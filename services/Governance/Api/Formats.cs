using System.Buffers;
using System.Net;
using Gateway.Accounts;

namespace Gateway.Governance.Api;

/// <summary>Checks of texts; each returns what is wrong, or null.</summary>
internal static class Formats
{
    public const int IdLength = 128;
    public const int ModelLength = 256;
    public const int NameLength = 200;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly SearchValues<char> ModelCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/@+");

    private static readonly SearchValues<char> HeaderCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!#$%&'*+^`|~");

    public static string? Id(string text)
        => text.AsSpan().IndexOfAnyExcept(IdCharacters) >= 0 || !char.IsAsciiLetterOrDigit(text[0])
            ? "must start with a lower-case letter or digit and have only lower-case letters, digits, '-', '_' and '.'."
            : null;

    /// <summary>A model name, deployment id or route name: one <c>*</c> is allowed.</summary>
    public static string? Model(string text)
    {
        var star = text.IndexOf('*', StringComparison.Ordinal);
        var stem = star < 0 ? text : text.Remove(star, 1);
        return stem.AsSpan().IndexOfAnyExcept(ModelCharacters) >= 0 || text.StartsWith('/') || text.Contains("//", StringComparison.Ordinal)
            ? "must have only letters, digits and - _ . : / @ +, and may have one '*'."
            : null;
    }

    /// <summary>A tag of a key.</summary>
    public static string? Tag(string text) => Tags.IsGood(text) ? null : Tags.Form + ".";

    public static string? Email(string text) => EmailAddress.IsGood(text) ? null : "must be an address like name@example.com.";

    /// <summary>A tool of the MCP hub.</summary>
    public static string? McpTool(string text) => McpToolPattern.IsGood(text) ? null : McpToolPattern.Form + ".";

    public static string? Cidr(string text)
        => IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _)
            ? null
            : "must be an address or a CIDR range, for example 10.0.0.0/8 or 2001:db8::/32.";

    public static string? HeaderName(string text)
        => text.AsSpan().IndexOfAnyExcept(HeaderCharacters) >= 0 ? "must be an HTTP header name." : null;

    /// <summary>An address that operation paths are appended to.</summary>
    public static string? BaseUrl(string text)
        => !Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp)
            ? "must be an absolute http or https address, for example https://api.openai.com/v1."
            : uri.UserInfo.Length > 0 ? "must not contain a user name or password; store the secret as a credential."
            : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "must not have a query or fragment."
            : null;
}
