using System.Security.Cryptography;
using System.Text;

namespace Gateway.McpHub.Catalogue;

/// <summary>
/// Names of tools and prompts where several servers are listed together: the server's id, two underscores, the name. Providers of models take at most 64 of
/// <c>A-Z a-z 0-9 _ -</c>: what is longer or has other characters is shortened and gets a hash of the whole name, so that no two fall together.
/// </summary>
internal static class ToolNames
{
    /// <summary>Between a server's id and a name.</summary>
    public const string Separator = "__";

    /// <summary>Longest name that every provider takes.</summary>
    public const int MaxLength = 64;

    private const int HashChars = 8;

    /// <summary>The name that callers see.</summary>
    public static string Public(string server, string name)
    {
        var whole = $"{server}{Separator}{name}";
        if (whole.Length <= MaxLength && whole.All(IsLegal))
        {
            return whole;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)).AsSpan(0, HashChars / 2));
        var kept = whole.AsSpan(0, Math.Min(whole.Length, MaxLength - HashChars - 1));
        return string.Create(kept.Length + HashChars + 1, (Whole: whole, Hash: hash), static (target, from) =>
        {
            var length = target.Length - from.Hash.Length - 1;
            for (var i = 0; i < length; i++)
            {
                target[i] = IsLegal(from.Whole[i]) ? from.Whole[i] : '_';
            }

            target[length] = '_';
            from.Hash.CopyTo(target[(length + 1)..]);
        });
    }

    private static bool IsLegal(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
