using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Caching;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Journal;
using Gateway.Edge.Prices;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 10: settle. Replaces what the request held by what it used, writes the ledger record, and counts. Runs exactly once for every request that an
/// identified caller made, however it ended.
/// </summary>
internal sealed class SettleStep(IUsageJournal journal, RateGate rates, BudgetGate budgets, InFlightSlots slots, LearntTraffic learnt, RequestLogger log, EdgeMetrics metrics, RequestLines lines, TimeProvider time)
{
    private const int MillisecondsPerToken = 100;

    public void Run(RequestContext context)
    {
        if (context.Settled)
        {
            return;
        }

        context.Settled = true;
        var cached = context.Cache is { IsAnswered: true } ? context.Cache : null;
        if (context.Cache is { } facts)
        {
            facts.IsWhole = context.Outcome == RequestOutcome.Completed;
        }

        if (context.Guard is { } guard && GuardHeader.Text(guard) is { Length: > 0 } guardrails)
        {
            context.Note($"guardrails: {guardrails}", notable: guard.Notes.Count > 0);
        }

        var estimated = cached is null && !context.HasUsage && context.ProviderEngaged && !context.Operation.IsFree;
        var isPromptKnown = !estimated;
        if (estimated)
        {
            context.Tokens = Estimate(context);
        }
        else if (cached is null && IsCutAfterReport(context))
        {
            // Some providers report before the end what they had made by then.
            context.Tokens.Output += OutputTokens(context, context.OutputTextBytes - context.ReportedBytes);
            estimated = true;
        }

        if (cached is null)
        {
            learnt.Learn(context);
        }

        // What a stream reported on its way, before it broke off or was left, may not be all that it used.
        estimated |= cached is null && context is { HasUsage: true, UsageIsWhole: false, Answer.Stream: not null } && context.Outcome != RequestOutcome.Completed;
        if (estimated)
        {
            Raise(context, isPromptKnown);
        }

        if (context.Drains && context.Outcome == RequestOutcome.Completed && context.Http.RequestAborted.IsCancellationRequested)
        {
            // Its answer was read to its end, and nobody waited for it any more.
            context.Outcome = RequestOutcome.ClientCancelled;
        }

        if (context.Outcome == RequestOutcome.ClientCancelled)
        {
            context.Status = StatusCodes.Status499ClientClosedRequest;
        }

        if (context.Outcome == RequestOutcome.UpstreamCut)
        {
            // The call counted as a success at its first event; its target is to be told how it went on.
            context.Answer.Lease?.Failed("the stream was cut", null);
        }

        var (cost, priceVersion) = cached is null || cached.Outcome == CacheResult.Shared ? Price(context) : (0, null);
        if (context.Cache is { } sharing)
        {
            cost = sharing.Charge(context, cost);
            priceVersion = cost == 0 && cached is not null ? null : priceVersion;
        }

        if (context.Side is { } side)
        {
            context.CallUse = new CallUse(context.Tokens, cost);
            cost += side.CostNanoUsd;
            priceVersion ??= side.PriceVersion;
            context.Tokens = context.Tokens.Add(side.Tokens);
            estimated |= side.Estimated;
        }

        context.Bill?.Add(cost);
        var charged = GiveBack(context, cost, cached);
        if (cached is not null)
        {
            // What was used was used before, or by another request.
            context.Tokens = default;
        }

        context.CostNanoUsd = cost;
        if (EdgeTracing.IsOn && EdgeTracing.Decide(context, cost, time.GetElapsedTime(context.StartedTimestamp)))
        {
            context.Billed = new Billed(priceVersion, estimated);
        }

        // One moment for both: what the gateway took is a part of what the request took.
        var now = time.GetTimestamp();
        context.MeasureOverhead(now, time);
        if (context.Key is not null)
        {
            Record(context, now, estimated, cost, priceVersion, charged);
        }

        context.Ended(Step.Settle, time);
        metrics.Count(context);
        lines.Write(context);
    }

    private static bool IsCutAfterReport(RequestContext context) =>
        context.HasUsage && context.OutputTextBytes > context.ReportedBytes && LearntTraffic.IsText(context.Operation.Operation)
        && context.Outcome is RequestOutcome.BudgetStopped or RequestOutcome.ClientCancelled or RequestOutcome.UpstreamCut or RequestOutcome.GatewayStopped or RequestOutcome.KeyRevoked or RequestOutcome.ContentBlocked;

    private long OutputTokens(RequestContext context, long bytes) =>
        (long)Math.Ceiling(bytes / (context.Deployment is { } deployment ? learnt.Of(deployment.Id, context.ModelFor(deployment)) : ModelTraffic.Unknown).BytesPerToken);

    private TokenCounts Estimate(RequestContext context)
    {
        var output = context.Operation.HasOutput ? OutputTokens(context, context.OutputTextBytes) : 0;
        var images = context.Operation.Operation == Operation.Image;
        return new TokenCounts
        {
            Input = PromptCounts.Likely(context, context.Deployment),
            AudioInput = context.Units.AudioMilliseconds / MillisecondsPerToken,
            Output = images ? 0 : output,
            ImageOutput = images ? output : 0,
        };
    }

    private static void Raise(RequestContext context, bool isPromptKnown)
    {
        // All that came is known of an answer that is whole; and what did not fit any more was not passed on, and is not charged.
        if (context.Outcome is not (RequestOutcome.Completed or RequestOutcome.BudgetStopped))
        {
            UnreportedUse.Widen(context, ref context.Tokens, isPromptKnown);
        }
    }

    private static (long Cost, string? Version) Price(RequestContext context)
    {
        if (context.Operation.IsFree || context.Deployment is not { } deployment || (context.Tokens.Total == 0 && !context.ProviderEngaged))
        {
            return (0, null);
        }

        var cost = deployment.Pricing.Cost(context.PriceOf(deployment), context.Tokens, BilledUse.Units(context), BilledUse.Served(context.Tokens, context.Envelope), out var version);
        return (cost, version);
    }

    private string? GiveBack(RequestContext context, long cost, CacheFacts? cached)
    {
        ref var reservation = ref context.Reservation;
        if (!reservation.Active)
        {
            return null;
        }

        reservation.Active = false;
        if (cached is { Rule.Limits: CacheLimitPolicy.None })
        {
            rates.Leave(context);
        }
        else
        {
            context.Tokens = cached is null ? context.Tokens : cached.Rule.Limits == CacheLimitPolicy.All ? cached.SavedTokens : default;
            rates.Settle(context);
        }

        return budgets.Settle(context, cost);
    }

    private void Record(RequestContext context, long now, bool estimated, long cost, string? priceVersion, string? charged)
    {
        var slot = context.Slot;
        slot?.Settling();
        var entry = new UsageEntry
        {
            StartedAtMicros = context.StartedAtMicros,
            DurationMicros = Micros(context.StartedTimestamp, now),
            FirstByteMicros = Micros(context.StartedTimestamp, context.FirstByteTimestamp == 0 ? now : context.FirstByteTimestamp),
            CostNanoUsd = cost,
            Units = BilledUse.Units(context),
            Tier = BilledUse.Served(context.Tokens, context.Envelope),
            TraceId = TraceIds.Of(context),
            Status = context.Status,
            Attempts = context.Attempts.Made,
            Operation = context.Operation.Operation,
            Outcome = context.Outcome,
            Stream = context.Envelope.Stream,
            Estimated = estimated,
            Continued = context.Continued is not null,
            KeyId = context.Key!.Id,
            TeamId = context.Key.TeamId,
            UserId = context.Key.Identity.UserId,
            CustomerId = context.Key.Identity.CustomerId,
            EndUser = context.EndUser,
            Tags = context.TagsText,
            SessionId = context.SessionId,
            Model = context.ModelName,
            Route = context.Route?.Entry.Name,
            DeploymentId = context.Deployment?.Id,
            ProviderId = context.Deployment?.Provider.Id,
            CredentialId = context.Deployment?.CredentialId,
            ErrorCode = context.Failure?.Row.Code,
            PriceVersion = priceVersion,
            Budgets = charged,
            Epoch = slots.Run.Epoch,
            GivenId = log.RecordId(context, slot),
            Cache = context.Cache?.Use ?? CacheUse.None,
            SavedNanoUsd = context.Cache?.SavedNanoUsd ?? 0,
            SavedTokens = context.Cache?.SavedTokens.Total ?? 0,
        };
        entry.Take(context.Tokens);
        if (!journal.TryAppend(entry))
        {
            metrics.CountLostRecord();
        }

        log.Settled(context, entry);

        // Nothing may touch it from here on: it may be another request's already.
        context.Slot = null;
        slot?.Free();
    }

    private long Micros(long from, long to) => (to - from) * 1_000_000 / time.TimestampFrequency;
}
