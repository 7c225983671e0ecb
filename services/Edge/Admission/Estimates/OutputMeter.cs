using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Prices;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>
/// Follows what a stream costs while it runs. What is held covers so many bytes of text, and as long as they are not passed that is all that is looked at; then more is
/// held, or the stream ends.
/// </summary>
internal sealed class OutputMeter(AdmitStep admit)
{
    // Text has more bytes a token in almost all that models write, so the meter runs ahead of the bill.
    private const int LeastBytesPerToken = 3;

    // What a single event may bring where the provider counts along: its report comes with the text.
    private const int Reserve = 64;

    private const int Million = 1_000_000;

    /// <summary>True when all that came so far is covered by what is held.</summary>
    public static bool Covers(RequestContext context) => context.OutputTextBytes <= context.Reservation.CoveredBytes;

    /// <summary>Finds out what is covered, and holds more where that does not reach.</summary>
    /// <returns>Null when the stream may go on, else what it ends with.</returns>
    public async ValueTask<Failure?> EnsureAsync(RequestContext context)
    {
        if (TryCover(context, out var perMillion))
        {
            return null;
        }

        // A quarter of what was held at first, in parts when a budget is nearly used up; only then is the ledger asked, once.
        var missing = (context.OutputTextBytes - context.Reservation.CoveredBytes + LeastBytesPerToken - 1) / LeastBytesPerToken;
        var step = Math.Clamp(context.Reservation.OutputTokens / 4, 64, 4_096);
        foreach (var tokens in (ReadOnlySpan<long>)[step, step / 8])
        {
            if (admit.TryExtend(context, CostOf(missing + tokens, perMillion)))
            {
                return TryCover(context, out _) ? null : Stop(context);
            }
        }

        return await admit.ExtendAsync(context, CostOf(missing + (step / 8), perMillion)).ConfigureAwait(false) && TryCover(context, out _) ? null : Stop(context);
    }

    private static bool TryCover(RequestContext context, out long perMillion)
    {
        ref var reservation = ref context.Reservation;
        perMillion = 0;
        if (context.Cache is { IsAnswered: true } || !LearntTraffic.IsText(context.Operation.Operation) || BudgetGate.SetOf(context).IsEmpty || (!reservation.IsOutputOpen && !context.HasUsage)
            || context.Deployment is not { } deployment || deployment.Pricing.Price(context.PriceOf(deployment)) is null)
        {
            reservation.CoveredBytes = long.MaxValue;
            return true;
        }

        var (pricing, price, tier) = (deployment.Pricing, context.PriceOf(deployment), BilledUse.Asked(context));
        perMillion = (pricing.UpperBound(price, 0, Million, default, tier) - pricing.UpperBound(price, 0, 0, default, tier)) ?? 0;
        var used = context.HasUsage ? context.Tokens : new TokenCounts { Input = reservation.PromptTokens };
        var left = reservation.Budgets.NanoUsd - (context.Side?.CostNanoUsd ?? 0) - pricing.Cost(price, used, BilledUse.Units(context), BilledUse.Served(used, context.Envelope), out _);
        var more = perMillion == 0 ? (left >= 0 ? long.MaxValue : -1) : (long)Int128.Clamp((Int128)left * Million / perMillion, -int.MaxValue, int.MaxValue);

        // Where the provider was told a cap, or the model has one, what is held reaches to it unless the prompt was larger than it seemed.
        var isBounded = !reservation.IsOutputOpen && used.Generated + more >= reservation.OutputTokens;
        reservation.CoveredBytes = isBounded || more == long.MaxValue ? long.MaxValue : (context.HasUsage ? context.ReportedBytes : 0) + ((more - (context.HasUsage ? Reserve : 0)) * LeastBytesPerToken);
        return context.OutputTextBytes <= reservation.CoveredBytes;
    }

    private static long CostOf(long tokens, long perMillion) => (long)(((Int128)tokens * perMillion) + Million - 1) / Million;

    private static Failure Stop(RequestContext context)
    {
        // What did not fit any more is neither passed on nor charged.
        context.OutputTextBytes = Math.Min(context.OutputTextBytes, Math.Max(context.ReportedBytes, context.Reservation.CoveredBytes));
        context.Outcome = RequestOutcome.BudgetStopped;
        return new Failure(
            GatewayError.BudgetExhausted,
            Step.Admit,
            "A budget over this API key has no room for more of this answer, which ends here. What came before is incomplete; a max_tokens makes sure that an answer fits before it begins.");
    }
}
