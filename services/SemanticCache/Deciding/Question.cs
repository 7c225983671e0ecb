using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticCache.Deciding;

/// <summary>A question made ready for comparing: what is embedded, in which space, and why it may not be.</summary>
internal sealed record Question
{
    // Some 150 words; of longer texts the rest must be equal.
    private const int ComparedCharacters = 800;

    // Tokens are rarely longer than this many characters, so that what is longer is surely over the window.
    private const int SurelyTooLong = 16 * 256;

    public required string Compared { get; init; }

    public required QuestionText Text { get; init; }

    public required Guid Space { get; init; }

    /// <summary>Why it is not compared by meaning; null when it is.</summary>
    public string? Reason { get; init; }

    public static Question Of(string partition, string text, CacheLongText longText, IEmbeddingSource source)
    {
        var (head, rest, reason) = (text, "", source.Obstacle(text));
        if (reason is not null)
        {
            // Matched exactly only.
        }
        else if (longText == CacheLongText.Truncate && text.Length > ComparedCharacters)
        {
            var end = text.LastIndexOf(' ', ComparedCharacters - 1, ComparedCharacters / 2);
            end = end < 0 ? ComparedCharacters : end;
            (head, rest) = (text[..end], QuestionText.Normalize(text[end..]));
        }
        else if (text.Length > SurelyTooLong)
        {
            reason = CacheReasons.LongText;
        }

        return new Question
        {
            Compared = head,
            Text = QuestionText.Read(reason is null ? head : ""),
            Space = reason is null
                ? EntryIds.Space(partition, source.Id, source.Dimensions, rest)
                : EntryIds.Space(partition, EntryIds.ExactOnly, 0, ""),
            Reason = reason,
        };
    }
}
