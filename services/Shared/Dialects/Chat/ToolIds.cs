using System.Security.Cryptography;
using System.Text;

namespace Gateway.Dialects.Chat;

/// <summary>Fits ids of tool calls to dialects that allow letters, digits, <c>_</c> and <c>-</c> only, the same id to the same result wherever it is met.</summary>
internal static class ToolIds
{
    private const int HashLength = 12;

    /// <summary>The id itself where it is legal, else one made of it that no other id becomes.</summary>
    /// <param name="id">The id.</param>
    /// <param name="maxLength">Most characters of the result; at least 16.</param>
    public static string Fit(string id, int maxLength)
    {
        if (id.Length > 0 && id.Length <= maxLength && id.All(IsLegal))
        {
            return id;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..HashLength];
        var kept = id[..Math.Min(id.Length, maxLength - HashLength - 1)];
        return string.Concat(string.Create(kept.Length, kept, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsLegal(from[i]) ? from[i] : '_';
            }
        }), "_", hash);
    }

    private static bool IsLegal(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
