using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The rate limits over a request: all of them are taken before it goes on, or none, and corrected when it ends.</summary>
internal sealed class RateGate
{
    /// <summary>Takes one request and its tokens from every limit over it, or nothing.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tokens">Upper bound of its tokens.</param>
    public Failure? Enter(RequestContext context, long tokens)
    {
        var key = context.Key!;
        if (Enter(key.Limits, tokens) is { } keyFailure)
        {
            return keyFailure;
        }

        if (key.TeamLimits is { } team && Enter(team, tokens) is { } teamFailure)
        {
            Leave(key.Limits, tokens);
            return teamFailure;
        }

        context.Reservation.Rates.Tokens = tokens;
        return null;
    }

    /// <summary>Gives everything back: the request was refused for another reason.</summary>
    public void Leave(RequestContext context)
    {
        var key = context.Key!;
        ref var hold = ref context.Reservation.Rates;
        Leave(key.Limits, hold.Tokens);
        if (key.TeamLimits is { } team)
        {
            Leave(team, hold.Tokens);
        }

        hold.Tokens = 0;
    }

    /// <summary>Counts what a request under way has used beyond what was taken for it; nothing is refused by it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tokens">All tokens it has used so far.</param>
    public void Correct(RequestContext context, long tokens)
    {
        ref var hold = ref context.Reservation.Rates;
        if (tokens <= hold.Tokens)
        {
            return;
        }

        var more = tokens - hold.Tokens;
        context.Key!.Limits.Tokens?.GiveBack(-more);
        context.Key.TeamLimits?.Tokens?.GiveBack(-more);
        hold.Tokens = tokens;
    }

    /// <summary>Ends a request: what it took is replaced by what it used.</summary>
    /// <param name="context">The request, whose tokens are known.</param>
    public void Settle(RequestContext context)
    {
        var key = context.Key!;
        var unused = context.Reservation.Rates.Tokens - context.Tokens.Total;
        Settle(key.Limits, unused);
        if (key.TeamLimits is { } team)
        {
            Settle(team, unused);
        }
    }

    private static Failure? Enter(AccountLimits limits, long tokens)
    {
        if (limits.Concurrency is { } concurrency && !concurrency.TryEnter())
        {
            return new Failure(GatewayError.ConcurrencyLimited, Step.Admit, $"The limit of {concurrency.Limit} requests at the same time of this {limits.Scope} is reached.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        if (limits.Requests is { } requests && !requests.TryTake(1, out var requestWait))
        {
            limits.Concurrency?.Exit();
            return new Failure(GatewayError.RequestsLimited, Step.Admit, $"The limit of {requests.PerMinute} requests a minute of this {limits.Scope} is reached.") { RetryAfter = requestWait };
        }

        if (limits.Tokens is { } tokenLimit && !tokenLimit.TryTake(tokens, out var tokenWait))
        {
            limits.Requests?.GiveBack(1);
            limits.Concurrency?.Exit();
            return tokenWait == Timeout.InfiniteTimeSpan
                ? new Failure(GatewayError.TokensLimited, Step.Admit, $"This request may need {tokens} tokens, more than the {tokenLimit.PerMinute} a minute of this {limits.Scope}; lower max_tokens or shorten the prompt.")
                : new Failure(GatewayError.TokensLimited, Step.Admit, $"The limit of {tokenLimit.PerMinute} tokens a minute of this {limits.Scope} is reached.") { RetryAfter = tokenWait };
        }

        return null;
    }

    private static void Leave(AccountLimits limits, long tokens)
    {
        limits.Requests?.GiveBack(1);
        Settle(limits, tokens);
    }

    private static void Settle(AccountLimits limits, long unusedTokens)
    {
        limits.Tokens?.GiveBack(unusedTokens);
        limits.Concurrency?.Exit();
    }
}
