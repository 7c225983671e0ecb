using System.Numerics.Tensors;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticCache.Deciding;

/// <summary>Whether two answers say the same.</summary>
internal sealed class AnswerComparer(IEmbeddingSource source)
{
    // Two answers of a model to one question are seldom below, answers to neighbouring questions seldom above.
    private const double Same = 0.85;
    private const double Different = 0.65;

    // In longer answers numbers are details.
    private const int ShortAnswer = 400;
    private const int ComparedCharacters = 1000;

    public async ValueTask<AnswerComparison> CompareAsync(CacheAnswer stored, CacheObserveRequest fresh, CancellationToken cancellationToken)
    {
        if (fresh.Equivalent is { } judged)
        {
            return new AnswerComparison(judged, "judge", null);
        }

        if (stored.Text is null || fresh.AnswerText is null)
        {
            return fresh.AnswerBody is { } body ? new AnswerComparison(body.AsSpan().SequenceEqual(stored.Body), "equal", null) : Undecided(fresh, null);
        }

        if (string.Equals(QuestionText.Normalize(stored.Text), QuestionText.Normalize(fresh.AnswerText), StringComparison.Ordinal))
        {
            return new AnswerComparison(true, "equal", null);
        }

        var (a, b) = (Head(stored.Text), Head(fresh.AnswerText));
        if (stored.Text.Length <= ShortAnswer && fresh.AnswerText.Length <= ShortAnswer && !QuestionText.Read(a).SameNumbers(QuestionText.Read(b)))
        {
            return new AnswerComparison(false, "numbers", null);
        }

        if ((source.Obstacle(a) ?? source.Obstacle(b)) is not null)
        {
            return Undecided(fresh, null);
        }

        var (left, right) = (await source.EmbedAsync(a, cancellationToken), await source.EmbedAsync(b, cancellationToken));
        if (left.Vector is null || right.Vector is null)
        {
            return new AnswerComparison(null, "undecided", null);
        }

        var cosine = Math.Clamp(TensorPrimitives.Dot<float>(left.Vector, right.Vector), -1, 1);
        return cosine >= Same ? new AnswerComparison(true, "embedding", cosine)
            : cosine < Different ? new AnswerComparison(false, "embedding", cosine)
            : Undecided(fresh, cosine);
    }

    // Without a judge doubt counts against the cache.
    private static AnswerComparison Undecided(CacheObserveRequest fresh, double? cosine)
        => fresh.CanJudge ? new AnswerComparison(null, "undecided", cosine) : new AnswerComparison(false, "embedding", cosine);

    private static string Head(string text) => text.Length <= ComparedCharacters ? text : text[..ComparedCharacters];
}

/// <summary>What a comparison found: null where it could not tell.</summary>
internal readonly record struct AnswerComparison(bool? Equivalent, string Basis, double? Similarity);
