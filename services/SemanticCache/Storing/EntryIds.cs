using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticCache.Storing;

/// <summary>Ids and spaces by content.</summary>
internal static class EntryIds
{
    public const string ExactOnly = "exact";

    /// <summary>Entry of a question in a partition: the same for texts that differ in case, spaces and closing punctuation only, but code counts to the letter.</summary>
    public static Guid Entry(string partition, string text)
    {
        // Of a text of signs alone nothing would be left to tell it from others.
        var normalized = QuestionText.IsLiteral(text) ? "" : QuestionText.Normalize(text);
        return Hash("entry", partition, normalized.Length == 0 ? "=" + text : "~" + normalized);
    }

    /// <summary>What is compared by vectors: one partition, one embedding model, one dimension, and where a text is longer than the window the same rest.</summary>
    public static Guid Space(string partition, string embedding, int dimensions, string rest)
        => Hash("space", partition, FormattableString.Invariant($"{embedding}/{dimensions}"), rest);

    /// <summary>64 bits of an answer's id, by which entries in memory are told apart; 0 for none.</summary>
    public static ulong AnswerNumber(string? answerId)
        => answerId is { Length: 64 } && ulong.TryParse(answerId.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? Math.Max(1, number) : 0;

    private static Guid Hash(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part));
            hash.AppendData([0]);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new Guid(digest[..16]);
    }
}
