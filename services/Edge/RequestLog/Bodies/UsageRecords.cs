using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Edge.Journal;

namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>The usage record that an entry of the journal stands for.</summary>
internal static class UsageRecords
{
    public static string Id(UInt128 id) => id.ToString("x32", CultureInfo.InvariantCulture);

    public static UsageRecord Of(in UsageEntry e, UInt128 id) => new()
    {
        Id = Id(id),
        StartedAtMicros = e.StartedAtMicros,
        DurationMicros = e.DurationMicros,
        FirstByteMicros = e.FirstByteMicros,
        KeyId = e.KeyId ?? "",
        TeamId = e.TeamId ?? "",
        UserId = e.UserId ?? "",
        CustomerId = e.CustomerId ?? "",
        EndUser = e.EndUser ?? "",
        Tags = List(e.Tags),
        Budgets = List(e.Budgets),
        Epoch = e.Epoch,
        Operation = e.Operation,
        Model = e.Model ?? "",
        Route = e.Route ?? "",
        DeploymentId = e.DeploymentId ?? "",
        ProviderId = e.ProviderId ?? "",
        CredentialId = e.CredentialId ?? "",
        Status = e.Status,
        Outcome = e.Outcome,
        ErrorCode = e.ErrorCode ?? "",
        Stream = e.Stream,
        Attempts = e.Attempts,
        Tokens = new TokenUsage
        {
            Input = e.InputTokens,
            CacheRead = e.CacheReadTokens,
            CacheWrite = e.CacheWriteTokens,
            CacheWriteHour = e.CacheWriteHourTokens,
            Output = e.OutputTokens,
            Reasoning = e.ReasoningTokens,
            AudioInput = e.AudioInputTokens,
            AudioCacheRead = e.AudioCacheReadTokens,
            AudioOutput = e.AudioOutputTokens,
            ImageInput = e.ImageInputTokens,
            ImageCacheRead = e.ImageCacheReadTokens,
            ImageOutput = e.ImageOutputTokens,
        },
        Units = e.Units,
        Tier = e.Tier == 0 ? ServiceTier.Standard : e.Tier,
        TraceId = e.TraceId == 0 ? "" : Id(e.TraceId),
        SessionId = e.SessionId ?? "",
        Estimated = e.Estimated,
        Continued = e.Continued,
        CostNanoUsd = e.CostNanoUsd,
        PriceVersion = e.PriceVersion ?? "",
    };

    private static string[] List(string? items) => string.IsNullOrEmpty(items) ? [] : items.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
