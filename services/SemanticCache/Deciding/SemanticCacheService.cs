using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Hosting;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticMatching.Learning;

namespace Gateway.SemanticCache.Deciding;

/// <summary>Looks up, stores and learns. Nothing that a server or a disk does becomes an error: it is a miss or a bypass with a reason.</summary>
internal sealed partial class SemanticCacheService(
    IEntryStore store, IEmbeddingSource source, EvidenceBook book, LookupMemory memory, Decider decider, CacheCounters counters, CacheOptions options, TimeProvider time,
    ILogger<SemanticCacheService> log)
{
    private const int Candidates = 4;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public async Task<CacheLookupResponse> LookupAsync(CacheLookupRequest request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var budget = new CancellationTokenSource(TimeSpan.FromMilliseconds(request.BudgetMilliseconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        CacheLookupResponse answer;
        try
        {
            answer = await DecideAsync(request, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = Bypass(CacheReasons.OutOfTime);
        }
        catch (StoreFault fault)
        {
            LogFault(fault.Message);
            answer = new CacheLookupResponse { Outcome = fault.Reason == CacheReasons.Busy ? CacheOutcome.Bypass : CacheOutcome.Miss, Reason = fault.Reason };
        }

        counters.Looked(answer, time.GetElapsedTime(start), answer.Answer?.CostNano ?? 0);
        return answer;
    }

    public async Task<CacheStoreResponse> StoreAsync(CacheStoreRequest request, CancellationToken cancellationToken)
    {
        CacheStoreResponse answer;
        try
        {
            answer = await KeepAsync(request, cancellationToken);
        }
        catch (StoreFault fault)
        {
            LogFault(fault.Message);
            answer = Refused(fault.Reason);
        }

        counters.Stored(answer.Stored);
        return answer;
    }

    public async Task<CacheObserveResponse> ObserveAsync(CacheObserveRequest request, AnswerComparer comparer, CancellationToken cancellationToken)
    {
        var forgotten = new CacheObserveResponse { Recorded = false, Basis = "forgotten" };
        if (memory.Find(request.LookupId) is not { } lookup || lookup.Entry == Guid.Empty)
        {
            return forgotten;
        }

        CacheEntry? entry;
        try
        {
            entry = await store.GetAsync(lookup.Entry, cancellationToken);
        }
        catch (StoreFault)
        {
            return forgotten;
        }

        if (entry is null && request.Equivalent is null)
        {
            return forgotten;
        }

        var compared = entry is null ? new AnswerComparison(request.Equivalent, "judge", null) : await comparer.CompareAsync(entry.Answer, request, cancellationToken);
        if (compared.Equivalent is { } right)
        {
            memory.Spend(request.LookupId);
            book.Observe(lookup.Domain, new Observation(lookup.Entry, lookup.LogOdds, right, lookup.Kind));
            counters.Observed(right);
        }

        return new CacheObserveResponse
        {
            Recorded = compared.Equivalent is not null,
            Equivalent = compared.Equivalent,
            Basis = compared.Basis,
            Similarity = compared.Similarity,
            StoredQuestion = compared.Equivalent is null ? entry?.Text : null,
            StoredAnswer = compared.Equivalent is null ? entry?.Answer.Text : null,
        };
    }

    private async Task<CacheLookupResponse> DecideAsync(CacheLookupRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            return Bypass(CacheReasons.EmptyText);
        }

        var domain = book.Of(request.Domain ?? request.Partition);
        domain.Name = request.DomainName ?? domain.Name;
        if (await store.GetAsync(EntryIds.Entry(request.Partition, request.Text), cancellationToken) is { } same && InTime(same, request))
        {
            var identical = string.Equals(same.Text, request.Text, StringComparison.Ordinal);
            var verdict = decider.SameTexts(domain, request.Policy, same.Id, identical);
            return await AnswerAsync(request, domain, new Candidate(same, 1), Decider.SameText, verdict, null, cancellationToken);
        }

        var question = Question.Of(request.Partition, request.Text, request.Policy.LongText, source);
        if (question.Reason is { } reason)
        {
            return reason == CacheReasons.LongText ? Bypass(reason) : Miss(reason);
        }

        if (store.SurelyNothing(question.Space, question.Text.WordHashes()))
        {
            domain.With(e => e.NoCandidate(request.Policy.MaxWrongHitRate));
            return Miss(store.SurelyNothing(question.Space, EntryCodec.AnyWord) ? CacheReasons.EmptyPartition : CacheReasons.NothingNear);
        }

        var embedded = await EmbedAsync(question.Compared, cancellationToken);
        if (embedded.Vector is not { } vector)
        {
            return Bypass(embedded.Reason!);
        }

        if (embedded.Truncated)
        {
            return Bypass(CacheReasons.LongText);
        }

        return await CompareAsync(request, domain, question, vector, cancellationToken);
    }

    private async Task<CacheLookupResponse> CompareAsync(CacheLookupRequest request, Domain domain, Question question, float[] vector, CancellationToken cancellationToken)
    {
        var nearest = await store.NearestAsync(question.Space, vector, Candidates, Decider.LeastCosine, cancellationToken);
        (Candidate Candidate, double LogOdds)? best = null;
        foreach (var candidate in nearest)
        {
            if (!InTime(candidate.Entry, request) || Languages.Differ(question.Compared, candidate.Entry.Text))
            {
                continue;
            }

            // By cosine alone the nearest is the best; the verifier may know better.
            var logOdds = decider.LogOdds(question.Text, vector, candidate);
            if (best is not { } b || (request.Policy.Mode != CacheMatchMode.Threshold && logOdds > b.LogOdds))
            {
                best = (candidate, logOdds);
            }
        }

        if (best is not { } found)
        {
            domain.With(e => e.NoCandidate(request.Policy.MaxWrongHitRate));
            return Miss(CacheReasons.NothingNear) with { LookupId = Remember(request, domain, vector) };
        }

        var verdict = decider.Candidate(domain, request.Policy, found.Candidate, found.LogOdds);
        return await AnswerAsync(request, domain, found.Candidate, found.LogOdds, verdict, vector, cancellationToken);
    }

    private async Task<CacheLookupResponse> AnswerAsync(
        CacheLookupRequest request, Domain domain, Candidate candidate, double logOdds, CacheVerdict verdict, float[]? vector, CancellationToken cancellationToken)
    {
        var entry = verdict.Outcome == CacheOutcome.Hit ? await store.CompleteAsync(candidate.Entry, cancellationToken) : candidate.Entry;
        if (entry is null)
        {
            // Its answer is gone from the other store: as if it had never been there.
            return Miss(CacheReasons.NothingNear) with { LookupId = Remember(request, domain, vector) };
        }

        if (verdict.Outcome == CacheOutcome.Hit)
        {
            store.Hit(entry.Id);
        }

        var id = memory.Remember(new RememberedLookup
        {
            Partition = request.Partition,
            Domain = domain.Id,
            Text = request.Text,
            Vector = vector,
            Entry = verdict.Verify || verdict.Outcome == CacheOutcome.Hit ? entry.Id : Guid.Empty,
            LogOdds = logOdds,

            // Of a hit that was not drawn somebody may still say that it was wrong.
            Kind = verdict.Verify ? verdict.Kind : ObservationKind.Reported,
        });
        return new CacheLookupResponse
        {
            Outcome = verdict.Outcome,
            Reason = verdict.Reason,
            LookupId = id,
            EntryId = entry.Id.ToString("N"),
            AnswerId = entry.AnswerId,
            Similarity = candidate.Cosine,
            Probability = verdict.Probability,
            AgeSeconds = Math.Max(0, Now - entry.StoredAt),
            Stale = entry.ExpiresAt <= Now,
            Verify = verdict.Verify,
            WouldHit = verdict.WouldHit,
            Answer = verdict.Outcome == CacheOutcome.Hit ? entry.Answer : null,
        };
    }

    private async Task<CacheStoreResponse> KeepAsync(CacheStoreRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            return Refused(CacheReasons.EmptyText);
        }

        if (request.Answer.Body.Length > options.MaxAnswerBytes || request.Answer.Text?.Length > options.MaxAnswerBytes)
        {
            return Refused(CacheReasons.TooLarge);
        }

        var question = Question.Of(request.Partition, request.Text, request.LongText, source);
        float[] vector = [];
        if (question.Reason is null)
        {
            // The look-up's vector only where it is of this very text.
            var known = memory.Find(request.LookupId) is { } lookup && lookup.Partition == request.Partition && lookup.Text == request.Text ? lookup.Vector : null;
            var embedded = known is null ? await EmbedAsync(question.Compared, cancellationToken) : new EmbeddedText(known, false);
            if (embedded.Vector is null || embedded.Truncated)
            {
                return Refused(embedded.Reason ?? CacheReasons.LongText);
            }

            vector = embedded.Vector;
        }
        else if (question.Reason == CacheReasons.LongText)
        {
            return Refused(CacheReasons.LongText);
        }

        var now = Now;
        var entry = new CacheEntry
        {
            Id = EntryIds.Entry(request.Partition, request.Text),
            Partition = request.Partition,
            Space = question.Space,
            Embedding = vector.Length == 0 ? EntryIds.ExactOnly : source.Id,
            Text = request.Text,
            AnswerId = request.AnswerId,
            Facts = request.Facts,
            Answer = request.Answer,
            StoredAt = now,
            ExpiresAt = now + request.TtlSeconds,
            GoneAt = now + request.TtlSeconds + request.StaleSeconds,
            Vector = vector,
        };
        await store.PutAsync(entry, question.Text.WordHashes(), cancellationToken);
        return new CacheStoreResponse { Stored = true, EntryId = entry.Id.ToString("N") };
    }

    private async ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        var embedded = await source.EmbedAsync(text, cancellationToken);
        if (embedded.Vector is not null)
        {
            counters.Embedded();
        }

        return embedded;
    }

    private string? Remember(CacheLookupRequest request, Domain domain, float[]? vector) => vector is null ? null : memory.Remember(
        new RememberedLookup { Partition = request.Partition, Domain = domain.Id, Text = request.Text, Vector = vector });

    private bool InTime(CacheEntry entry, CacheLookupRequest request)
        => entry.ExpiresAt + request.MaxStaleSeconds > Now && (request.MaxAgeSeconds is not { } age || Now - entry.StoredAt <= age);

    private static CacheLookupResponse Miss(string reason) => new() { Outcome = CacheOutcome.Miss, Reason = reason };

    private static CacheLookupResponse Bypass(string reason) => new() { Outcome = CacheOutcome.Bypass, Reason = reason };

    private static CacheStoreResponse Refused(string reason) => new() { Stored = false, Reason = reason };

    [LoggerMessage(1, LogLevel.Warning, "The cache's store cannot do it: {Message}")]
    private partial void LogFault(string message);
}
