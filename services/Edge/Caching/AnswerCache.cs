using Gateway.Contracts.Configuration;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Caching.Policies;
using Gateway.Edge.Caching.Purges;
using Gateway.Edge.Caching.Replay;
using Gateway.Edge.Caching.Semantic;
using Gateway.Edge.Caching.Shared;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching;

/// <summary>
/// Looks answers up, in this order: the memory of this edge, Redis, the semantic cache, and calls of identical requests under way. What cannot be reached is a miss.
/// </summary>
internal sealed class AnswerCache(
    MemoryStore memory, SharedAnswers shared, SemanticAnswers semantic, FlightTable flights, PurgeBook purges, HitAnswer hits, AnswerKeeper keeper, Revalidation revalidation,
    CacheMetrics metrics, TimeProvider time) : IAnswerCache
{
    public ValueTask<Failure?> LookAsync(RequestContext context)
    {
        if (context.Model.Caching.Find(context.Route!.Entry.Cache, context.Key!.Access.Cache) is not { } rule)
        {
            context.Cache = null;
            return default;
        }

        var isRouted = context.Cache is { LooksRouted: true };
        var facts = context.Cache = new CacheFacts(rule);
        if (!KeyBuilder.IsCacheable(context.Operation))
        {
            return Bypass(facts, "operation");
        }

        if (CacheWish.Read(context, out var wish) is { } wrong)
        {
            return new(wrong);
        }

        facts.Wish = wish;
        if (wish.Mode == CacheMode.Off || wish is { NoCache: true, NoStore: true })
        {
            return Bypass(facts, "request");
        }

        if (rule.PerEndUser && context.EndUser.Length == 0)
        {
            return Bypass(facts, "end_user");
        }

        if (!isRouted && DependsOnRouting(context))
        {
            facts.LooksRouted = true;
            return default;
        }

        return Identify(context, facts, isRouted) ? FindAsync(context, facts) : Bypass(facts, facts.Reason!);
    }

    public void Begin(RequestContext context)
    {
        if (context.Cache is not { IsAnswered: false, MayStore: true } facts || context.Answer.Stream is not { } source)
        {
            return;
        }

        // A token of text is four bytes in an answer and some two hundred in a stream.
        const int spread = 32;
        var most = (int)Math.Min((long)facts.Rule.MaxEntryBytes * spread, AnswerKeeper.MostStreamBytes);
        var timeouts = context.Deployment!.Provider.Timeouts;
        facts.Log = new FlightLog(source, most);
        context.Answer.Stream = facts.Log.Open(isOwner: true, context.Answer.Deadline!, context.Route!.Entry.Timeouts.IdleMs ?? timeouts.IdleMs);
        facts.Flight?.Publish(new FlightAnswer(context.Deployment, context.ProviderDialect, null, facts.Log, default));
    }

    public void Offer(RequestContext context, ReadOnlyMemory<byte> answer)
    {
        if (context.Cache is not { IsAnswered: false, MayStore: true } facts || context.Envelope.Stream)
        {
            return;
        }

        facts.Offered = answer.ToArray();
        facts.Flight?.Publish(new FlightAnswer(context.Deployment!, context.ProviderDialect, facts.Offered, null, context.Tokens));
    }

    public async ValueTask FinishAsync(RequestContext context)
    {
        var facts = context.Cache!;
        try
        {
            if (facts is { Flight: { } followed, IsLeader: false })
            {
                followed.Leave();
                return;
            }

            if (facts is { MayStore: true, IsAnswered: false, IsWhole: true })
            {
                keeper.Keep(context, facts);
            }
        }
        finally
        {
            if (facts.Log is { } log)
            {
                await log.CloseAsync(facts.IsWhole, context.Upstream).ConfigureAwait(false);
            }

            if (facts is { Flight: { } flight, IsLeader: true })
            {
                flights.Remove(FlightKeyOf(context, facts), flight);
            }

            metrics.Count(context, facts);
        }
    }

    private static ValueTask<Failure?> Bypass(CacheFacts facts, string reason)
    {
        facts.Reason = reason;
        return default;
    }

    /// <summary>Whether who answers is only known once the route is planned: its rules, its canaries, and what the key or the caller say of routes decide.</summary>
    private static bool DependsOnRouting(RequestContext context) =>
        context.Route!.Entry.Rules.Count > 0 || context.Route.HasCanaries || context.Key!.Routes.Count > 0;

    /// <summary>Computes the key of a request that may be cached.</summary>
    private static bool Identify(RequestContext context, CacheFacts facts, bool isRouted)
    {
        var isRead = RequestTokens.TryRead(context.Body.Span, context.Settings.MaxJsonDepth, out var tokens);
        try
        {
            facts.Reason = !isRead ? "body"
                : RequestFeatures.Effect(tokens, context.Operation) is not null ? "effect"
                : RequestFeatures.Temperature(tokens, context.Operation.Dialect) > facts.Rule.MaxTemperature ? "temperature"
                : null;
            if (facts.Reason is not null)
            {
                return false;
            }

            facts.Scope = KeyBuilder.Scope(context, facts.Rule);
            facts.Route = context.Route;
            facts.Target = isRouted && context.Candidates.Count > 0 ? context.Candidates[0].DeploymentId : "";
            facts.Key = KeyBuilder.Build(context, tokens, facts, -1);
            facts.Outcome = CacheResult.Miss;
            facts.MayStore = !facts.Wish.NoStore;
            if (facts.Rule.Mode == CacheMode.Semantic && facts.Wish.Mode is null or CacheMode.Semantic)
            {
                facts.Question = SemanticQuestion.TryRead(context, tokens, facts);
            }

            return true;
        }
        finally
        {
            tokens.Dispose();
        }
    }

    private ValueTask<Failure?> FindAsync(RequestContext context, CacheFacts facts)
    {
        if (!facts.Wish.NoCache && memory.Find(facts.Key) is { } found && TryUse(context, facts, found))
        {
            return default;
        }

        var isShared = !facts.Wish.NoCache && shared.IsUsed(context.Settings);
        if (!isShared && facts.Question is null && !MayFly(facts))
        {
            return default;
        }

        return FindFurtherAsync(context, facts, isShared);
    }

    private async ValueTask<Failure?> FindFurtherAsync(RequestContext context, CacheFacts facts, bool isShared)
    {
        if (isShared && await shared.FindAsync(facts.Key, context.Settings, context.Http.RequestAborted).ConfigureAwait(false) is { } found && TryUse(context, facts, found))
        {
            keeper.Remember(found, context.Settings);
            return null;
        }

        if (facts.Question is not null && !facts.Wish.NoCache && await semantic.LookAsync(context, facts).ConfigureAwait(false) is { } similar)
        {
            if (facts.Rule.Shadow)
            {
                facts.WouldBe = CacheResult.HitSemantic;
            }
            else if (hits.TryGive(context, facts, similar))
            {
                Take(facts, similar, CacheResult.HitSemantic);
                Renew(context, facts);
                return null;
            }
        }

        return MayFly(facts) ? await FlyAsync(context, facts).ConfigureAwait(false) : null;
    }

    /// <summary>Answers with what was found, if it may be used.</summary>
    private bool TryUse(RequestContext context, CacheFacts facts, StoredAnswer found)
    {
        var now = time.GetUtcNow();
        if (purges.Concerns(found))
        {
            keeper.Forget(found.Key);
            return false;
        }

        if (found.StaleUntil <= now || (facts.Wish.MaxAge is { } most && now - found.StoredAt > most))
        {
            return false;
        }

        var isStale = found.ExpiresAt <= now;
        if (isStale && facts.Rule.Stale == TimeSpan.Zero)
        {
            return false;
        }

        if (facts.Rule.Shadow)
        {
            facts.WouldBe = CacheResult.HitExact;
            return false;
        }

        if (!hits.TryGive(context, facts, found))
        {
            return false;
        }

        Take(facts, found, CacheResult.HitExact);
        if (isStale)
        {
            revalidation.Start(context, facts);
        }

        return true;
    }

    private void Renew(RequestContext context, CacheFacts facts)
    {
        if (facts.Question is { IsStale: true })
        {
            revalidation.Start(context, facts);
        }
        else if (facts.Question is { WantsEvidence: true })
        {
            revalidation.Verify(context, facts);
        }
    }

    private void Take(CacheFacts facts, StoredAnswer found, CacheResult outcome)
    {
        (facts.Outcome, facts.Hit) = (outcome, found);
        facts.AgeSeconds = (int)Math.Max(0, (time.GetUtcNow() - found.StoredAt).TotalSeconds);
        facts.SavedNanoUsd = found.CostNanoUsd;
    }

    private static bool MayFly(CacheFacts facts) =>
        facts.Rule is { SingleFlight: not SingleFlightPolicy.Off, Shadow: false } && facts is { MayStore: true, Wish.NoCache: false };

    private async ValueTask<Failure?> FlyAsync(RequestContext context, CacheFacts facts)
    {
        var (flight, isLeader) = flights.Join(FlightKeyOf(context, facts), context.Http.RequestAborted);
        if (flight is null)
        {
            return null;
        }

        (facts.Flight, facts.IsLeader) = (flight, isLeader);
        if (isLeader)
        {
            return null;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted, context.Key!.Standing.Cut);
        FlightAnswer? answer = null;
        try
        {
            answer = await flight.Answer.WaitAsync(Patience(context), time, end.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Longer than this request would have waited for a provider: it goes on alone.
        }
        catch (OperationCanceledException) when (!context.Http.RequestAborted.IsCancellationRequested)
        {
            // The key was taken away; the call that would be made finds that out.
        }

        if (answer is null)
        {
            facts.Flight = null;
            flight.Leave();
            return null;
        }

        facts.Outcome = CacheResult.Shared;
        hits.Give(context, answer);
        return null;
    }

    private static TimeSpan Patience(RequestContext context)
    {
        var own = context.Route!.Entry.Timeouts;
        var least = context.Route.Targets.Min(static t => t.Deployment.Provider.Timeouts.FirstByteMs);
        var milliseconds = own.FirstByteMs ?? least;
        milliseconds = context.Envelope.Stream && own.FirstTokenMs is { } token ? Math.Min(milliseconds, token) : milliseconds;
        return TimeSpan.FromMilliseconds(own.AllAttemptsMs is { } all ? Math.Min(milliseconds, all) : milliseconds);
    }

    private static FlightKey FlightKeyOf(RequestContext context, CacheFacts facts) =>
        new(facts.Key, context.Envelope.Stream, context.Envelope.StreamUsage == Dialects.Envelopes.StreamUsage.Requested);
}
