using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Dialects.OpenAI;

/// <summary>Ids of tool calls where a provider gives none or wants a form of its own. The same input always gives the same id.</summary>
internal static class ToolCallIds
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>An id for a call that came without one.</summary>
    public static string Missing(string? answerId, int choice, int position) =>
        "call_" + Hash(string.Create(CultureInfo.InvariantCulture, $"{answerId}/{choice}/{position}"), 24);

    /// <summary>An id of nine letters and digits, as Mistral demands: the id itself where it is one already.</summary>
    public static string Nine(string id) => id.Length == 9 && id.All(char.IsAsciiLetterOrDigit) ? id : Hash(id, 9);

    private static string Hash(string text, int length)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        Span<char> id = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            id[i] = Alphabet[digest[i] % Alphabet.Length];
        }

        return new string(id);
    }
}
