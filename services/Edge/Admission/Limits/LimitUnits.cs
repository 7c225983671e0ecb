using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>What metrics have in common.</summary>
internal static class LimitUnits
{
    public static bool IsTokens(LimitMetric metric) => metric is LimitMetric.InputTokens or LimitMetric.OutputTokens or LimitMetric.TotalTokens;

    /// <summary>The metric as labels have it.</summary>
    public static string Name(LimitMetric metric) => metric switch
    {
        LimitMetric.Requests => "requests",
        LimitMetric.InputTokens => "input_tokens",
        LimitMetric.OutputTokens => "output_tokens",
        LimitMetric.TotalTokens => "tokens",
        LimitMetric.ConcurrentRequests => "concurrent_requests",
        LimitMetric.Images => "images",
        _ => "audio_seconds",
    };
}
