using System.Numerics.Tensors;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticMatching.Learning;
using Gateway.SemanticMatching.Questions;
using Gateway.SemanticMatching.Scoring;

namespace Gateway.SemanticCache.Deciding;

/// <summary>Says why two texts match or do not. Counts nothing and stores nothing.</summary>
internal sealed class Explainer(IEmbeddingSource source, EvidenceBook book)
{
    private static readonly string NoDomain = new('0', 64);

    public async Task<CacheExplainResponse> ExplainAsync(CacheExplainRequest request, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        if (string.IsNullOrWhiteSpace(request.TextA) || string.IsNullOrWhiteSpace(request.TextB))
        {
            return new CacheExplainResponse { Outcome = CacheOutcome.Bypass, Reason = CacheReasons.EmptyText, Notes = ["There is no text to compare."] };
        }

        if (EntryIds.Entry(NoDomain, request.TextA) == EntryIds.Entry(NoDomain, request.TextB))
        {
            notes.Add("The texts are the same but for case, spaces and closing punctuation: they are one entry, and nothing is embedded.");
            return new CacheExplainResponse { Outcome = CacheOutcome.Hit, Reason = CacheReasons.SameText, Similarity = 1, Probability = 1, Notes = notes };
        }

        var a = Question.Of(NoDomain, request.TextA, request.Policy.LongText, source);
        var b = Question.Of(NoDomain, request.TextB, request.Policy.LongText, source);
        if ((a.Reason ?? b.Reason) is { } reason)
        {
            notes.Add(reason switch
            {
                CacheReasons.UnknownScript => "The built-in embedding model knows English. A text that is mostly in another script is matched exactly only, unless an embedding endpoint is configured (Gateway:Cache:EmbeddingUrl).",
                CacheReasons.UnknownLanguage => $"The built-in embedding model knows English. A text in another language ({Languages.Of(a.Reason is null ? request.TextB : request.TextA)}) is matched exactly only, unless an embedding endpoint is configured (Gateway:Cache:EmbeddingUrl).",
                _ => "A text is longer than the model's window, and the policy says skip.",
            });
            return new CacheExplainResponse { Outcome = reason == CacheReasons.LongText ? CacheOutcome.Bypass : CacheOutcome.Miss, Reason = reason, Notes = notes };
        }

        if (Languages.Differ(request.TextA, request.TextB))
        {
            notes.Add($"The texts are in two languages ({Languages.Of(request.TextA)} and {Languages.Of(request.TextB)}).");
            return new CacheExplainResponse { Outcome = CacheOutcome.Miss, Reason = CacheReasons.NotSame, Notes = notes };
        }

        if (a.Space != b.Space)
        {
            notes.Add("The texts are longer than what is compared by meaning, and what follows is not equal.");
            return new CacheExplainResponse { Outcome = CacheOutcome.Miss, Reason = CacheReasons.NotSame, Notes = notes };
        }

        var (left, right) = (await source.EmbedAsync(a.Compared, cancellationToken), await source.EmbedAsync(b.Compared, cancellationToken));
        if (left.Vector is null || right.Vector is null || left.Truncated || right.Truncated)
        {
            return new CacheExplainResponse { Outcome = CacheOutcome.Bypass, Reason = left.Reason ?? right.Reason ?? CacheReasons.LongText, Notes = notes };
        }

        return Compare(request, a.Text, b.Text, left.Vector, right.Vector, notes);
    }

    private CacheExplainResponse Compare(CacheExplainRequest request, QuestionText a, QuestionText b, float[] left, float[] right, List<string> notes)
    {
        var cosine = Math.Clamp(TensorPrimitives.Dot<float>(left, right), -1, 1);
        var (va, vb) = source.IsBuiltIn ? (left, right) : ([], []);
        var logOdds = SameAnswerModel.Default.LogOdds(a, b, cosine, va, vb);
        var features = SameAnswerModel.Default.Explain(a, b, cosine, va, vb);
        if (!source.IsBuiltIn)
        {
            notes.Add("The verifier was trained with the built-in model's cosines; with this embedding endpoint its probability is only where evidence starts from.");
        }

        var (outcome, reason, verdict) = Decide(request, cosine, logOdds);
        if (verdict is { Threshold: > 1 })
        {
            notes.Add($"Nothing is served by meaning before a domain has {DomainEvidence.LeastEvidence} outcomes.");
        }

        return new CacheExplainResponse
        {
            Outcome = outcome,
            Reason = reason,
            Similarity = cosine,
            Probability = SameAnswerModel.Probability(logOdds),
            LearnedProbability = verdict?.Probability,
            CautiousProbability = verdict?.Cautious,
            Threshold = verdict?.Threshold ?? request.Policy.Threshold,
            Features = [.. features.Where(static f => f.Contribution != 0).Select(static f => new CacheFeature { Name = f.Name, Meaning = f.Meaning, Value = f.Value, Contribution = f.Contribution })],
            Notes = notes,
        };
    }

    private (CacheOutcome Outcome, string? Reason, LearnedVerdict? Verdict) Decide(CacheExplainRequest request, float cosine, double logOdds)
    {
        if (cosine < Decider.LeastCosine)
        {
            return (CacheOutcome.Miss, CacheReasons.NothingNear, null);
        }

        if (request.Policy.Mode is CacheMatchMode.Threshold or CacheMatchMode.Verified)
        {
            var value = request.Policy.Mode == CacheMatchMode.Threshold ? cosine : SameAnswerModel.Probability(logOdds);
            return value >= request.Policy.Threshold ? (CacheOutcome.Hit, null, null) : (CacheOutcome.Miss, CacheReasons.NotSame, null);
        }

        var bound = request.Policy.MaxWrongHitRate;
        var verdict = request.Domain is { } id && book.Find(id) is { } domain
            ? domain.With(e => e.Peek(Guid.Empty, logOdds, bound))
            : new DomainEvidence().Peek(Guid.Empty, logOdds, bound);
        return verdict.Decision switch
        {
            LearnedDecision.Serve => request.Policy.Mode == CacheMatchMode.Shadow ? (CacheOutcome.Miss, CacheReasons.ShadowMode, verdict) : (CacheOutcome.Hit, null, verdict),
            LearnedDecision.Explore => (CacheOutcome.Uncertain, CacheReasons.NeedsEvidence, verdict),
            LearnedDecision.OverBound => (CacheOutcome.Uncertain, CacheReasons.OverBound, verdict),
            _ => (CacheOutcome.Miss, CacheReasons.NotSame, verdict),
        };
    }
}
