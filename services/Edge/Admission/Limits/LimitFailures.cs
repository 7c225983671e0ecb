using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;

namespace Gateway.Edge.Admission.Limits;

/// <summary>What callers are told of a limit that has no room: which one it is, and when to come again; never what others have used.</summary>
internal static class LimitFailures
{
    public static Failure Describe(LimitRefusal refusal, LimitSet set, Step step = Step.Admit)
    {
        var rule = refusal.Counter.Rule;
        refusal = refusal with { ShowsLeft = rule.ShowsLeft(set) };
        var name = rule.Entry.Name.Length == 0 ? $"The limit of {rule.Text} of this {rule.Over}" : $"The limit '{rule.Entry.Name}' of {rule.Text} ({Whom(rule.Over)})";
        var error = rule.Metric switch
        {
            LimitMetric.Requests => GatewayError.RequestsLimited,
            LimitMetric.ConcurrentRequests => GatewayError.ConcurrencyLimited,
            LimitMetric.Images or LimitMetric.AudioSeconds => GatewayError.UnitsLimited,
            _ => GatewayError.TokensLimited,
        };
        if (refusal.Wait == Timeout.InfiniteTimeSpan)
        {
            var amount = ((refusal.Amount + rule.Unit - 1) / rule.Unit).ToString(CultureInfo.InvariantCulture);
            return new Failure(error, step, $"{name} can never hold this request, which may need {amount}; {Advice(rule.Metric)}.") { Limit = refusal };
        }

        return new Failure(error, step, $"{name} is reached.") { RetryAfter = refusal.Counter.Honest(refusal.Wait), Limit = refusal };
    }

    private static string Whom(string over) => over == "gateway" ? "of all requests" : $"of this {over}";

    private static string Advice(LimitMetric metric) => metric switch
    {
        LimitMetric.Images => "ask for fewer images",
        LimitMetric.AudioSeconds => "send a shorter recording",
        LimitMetric.InputTokens => "shorten the prompt",
        LimitMetric.OutputTokens => "lower max_tokens",
        LimitMetric.TotalTokens => "lower max_tokens or shorten the prompt",
        _ => "its priority is too low for it",
    };
}
