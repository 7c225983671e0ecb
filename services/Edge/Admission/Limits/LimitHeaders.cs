using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// Tells callers how their limits stand: in Anthropic's form to its clients, in OpenAI's to all others. Of each kind the tightest limit that is the caller's own; of one
/// that is shared with others only the limit, since what is left of it would tell what they use.
/// </summary>
internal static class LimitHeaders
{
    private static readonly Family _requests = new("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests");
    private static readonly Family _tokens = new("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
    private static readonly Family _anthropicRequests = Anthropic("requests");
    private static readonly Family _anthropicTokens = Anthropic("tokens");
    private static readonly Family _anthropicInput = Anthropic("input-tokens");
    private static readonly Family _anthropicOutput = Anthropic("output-tokens");

    /// <summary>True when answers to a request tell of its limits; then what a provider says of the operator's account there, which all callers share, does not pass.</summary>
    public static bool Apply(RequestContext context) => context.Key is { Limits.IsEmpty: false } && context.Settings.RateLimitHeaders;

    /// <summary>Puts them on an answer.</summary>
    public static void Write(RequestContext context)
    {
        if (!Apply(context))
        {
            return;
        }

        var set = context.Key!.Limits;
        var headers = context.Http.Response.Headers;
        var extra = context.Reservation.Rates.More?.Holds;
        if (context.Operation.Dialect == DialectId.Anthropic)
        {
            Write(set, headers, _anthropicRequests, Tightest(set, extra, LimitKind.Requests), true);
            Write(set, headers, _anthropicTokens, Tightest(set, extra, LimitKind.Total), true);
            Write(set, headers, _anthropicInput, Tightest(set, extra, LimitKind.Input), true);
            Write(set, headers, _anthropicOutput, Tightest(set, extra, LimitKind.Output), true);
            return;
        }

        Write(set, headers, _requests, Tightest(set, extra, LimitKind.Requests), false);
        Write(set, headers, _tokens, Tightest(set, extra, LimitKind.Total) ?? Tightest(set, extra, LimitKind.Input | LimitKind.Output), false);
    }

    /// <summary>Names the limit that refused a request, and says when it has room again.</summary>
    public static void Write(HttpResponse response, LimitRefusal refusal, DialectId dialect)
    {
        var (counter, rule) = (refusal.Counter, refusal.Counter.Rule);
        var headers = response.Headers;
        headers[GatewayHeaders.Limit] = rule.Entry.Name.Length == 0 ? $"{rule.Over}:{LimitUnits.Name(rule.Metric)}" : rule.Id;
        var kind = Kind(rule.Metric);
        if (kind == 0)
        {
            return;
        }

        var isAnthropic = dialect == DialectId.Anthropic;
        var family = (kind, isAnthropic) switch
        {
            (LimitKind.Requests, true) => _anthropicRequests,
            (LimitKind.Requests, false) => _requests,
            (LimitKind.Total, true) => _anthropicTokens,
            (LimitKind.Input, true) => _anthropicInput,
            (LimitKind.Output, true) => _anthropicOutput,
            _ => _tokens,
        };
        headers[family.Limit] = counter.Texts.Limit(rule.Entry.Amount);
        if (!refusal.ShowsLeft)
        {
            return;
        }

        var (left, reset) = counter.Figures;
        headers[family.Left] = counter.Texts.Left(left / rule.Unit);
        headers[family.Reset] = isAnthropic ? Moment(counter.Time.GetUtcNow() + reset) : LimitTexts.Duration(reset);
    }

    private static void Write(LimitSet set, IHeaderDictionary headers, Family family, LimitCounter? counter, bool asMoment)
    {
        if (counter is null)
        {
            return;
        }

        headers[family.Limit] = counter.Texts.Limit(counter.Rule.Entry.Amount);
        if (counter.Rule.ShowsLeft(set))
        {
            var (left, reset) = counter.Figures;
            headers[family.Left] = counter.Texts.Left(left);
            headers[family.Reset] = asMoment ? Moment(counter.Time.GetUtcNow() + reset) : LimitTexts.Duration(reset);
        }
    }

    private static LimitCounter? Tightest(LimitSet set, List<ExtraHold>? extra, LimitKind kinds)
    {
        LimitCounter? tightest = null;
        foreach (var counter in set.Known)
        {
            tightest = Tighter(set, tightest, counter, kinds);
        }

        if (extra is not null)
        {
            foreach (var hold in extra)
            {
                tightest = hold.ProviderId is null ? Tighter(set, tightest, hold.Counter, kinds) : tightest;
            }
        }

        return tightest;
    }

    private static LimitCounter? Tighter(LimitSet set, LimitCounter? one, LimitCounter other, LimitKind kinds)
    {
        if ((Kind(other.Rule.Metric) & kinds) == 0 || other.Rule.Entry.DryRun)
        {
            return one;
        }

        if (one is null)
        {
            return other;
        }

        var (first, second) = (one.Rule.ShowsLeft(set), other.Rule.ShowsLeft(set));
        if (first != second)
        {
            return second ? other : one;
        }

        return first
            ? other.Figures.Left < one.Figures.Left ? other : one
            : other.Rule.Amount < one.Rule.Amount ? other : one;
    }

    private static LimitKind Kind(LimitMetric metric) => metric switch
    {
        LimitMetric.Requests => LimitKind.Requests,
        LimitMetric.TotalTokens => LimitKind.Total,
        LimitMetric.InputTokens => LimitKind.Input,
        LimitMetric.OutputTokens => LimitKind.Output,
        _ => 0,
    };

    private static string Moment(DateTimeOffset time) => time.AddTicks(TimeSpan.TicksPerSecond - 1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Family Anthropic(string kind) => new($"anthropic-ratelimit-{kind}-limit", $"anthropic-ratelimit-{kind}-remaining", $"anthropic-ratelimit-{kind}-reset");

    private sealed record Family(string Limit, string Left, string Reset);

    [Flags]
    private enum LimitKind
    {
        Requests = 1,
        Total = 2,
        Input = 4,
        Output = 8,
    }
}
