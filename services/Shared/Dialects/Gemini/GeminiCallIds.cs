using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Ids of tool calls that came without one. The same answer gives the same ids, other answers others; they are recognised when they come back, so that no
/// made-up id is ever sent to a provider.
/// </summary>
internal static class GeminiCallIds
{
    private const string Prefix = "call_gm_";

    /// <summary>Id of a call in an answer.</summary>
    /// <param name="answerId">The answer's id, or null.</param>
    /// <param name="choice">The choice.</param>
    /// <param name="ordinal">How many calls came before it in its choice.</param>
    /// <param name="seed">Anything else that tells this call from others: its name and signature.</param>
    public static string ForAnswer(string? answerId, int choice, int ordinal, string seed)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{answerId}|{choice}|{ordinal}|{seed}")));
        return Prefix + Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }

    /// <summary>Id of a call in a request, by its position in the conversation.</summary>
    public static string ForRequest(int ordinal) => Prefix + ordinal.ToString(CultureInfo.InvariantCulture);

    /// <summary>True when this class made the id.</summary>
    public static bool IsOwn(string id) => id.StartsWith(Prefix, StringComparison.Ordinal);
}
