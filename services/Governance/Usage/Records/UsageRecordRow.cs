using Gateway.Contracts.Usage;

namespace Gateway.Governance.Usage.Records;

/// <summary>A row of <c>usage_records</c> as it is read.</summary>
internal sealed class UsageRecordRow
{
    /// <summary>What to select for it.</summary>
    public const string Columns =
        """
        id, edge_id AS Edge, started_at AS StartedAt, duration, first_byte AS FirstByte, key_id AS KeyId, team_id AS Team, user_id AS UserId,
        customer_id AS Customer, end_user AS EndUser, tags, budgets, epoch, operation, model, route, deployment_id AS Deployment, provider_id AS Provider,
        credential_id AS Credential, status, outcome, error_code AS ErrorCode, stream, attempts, input, cache_read AS CacheRead, cache_write AS CacheWrite,
        cache_write_hour AS CacheWriteHour, output, reasoning, audio_input AS AudioInput, audio_cache_read AS AudioCacheRead, audio_output AS AudioOutput,
        image_input AS ImageInput, image_cache_read AS ImageCacheRead, image_output AS ImageOutput, images, pixels, image_quality AS ImageQuality,
        audio_ms AS AudioMs, characters, searches, web_searches AS WebSearches, web_search_size AS WebSearchSize, tier, trace_id AS TraceId,
        session_id AS Session, estimated, continued, request_count AS RequestCount, cost, price_version AS PriceVersion,
        cache, saved, saved_tokens AS SavedTokens
        """;

    public required string Id { get; init; }

    public required string Edge { get; init; }

    public long StartedAt { get; init; }

    public long Duration { get; init; }

    public long FirstByte { get; init; }

    public required string KeyId { get; init; }

    public required string Team { get; init; }

    public required string UserId { get; init; }

    public required string Customer { get; init; }

    public required string EndUser { get; init; }

    public required string Tags { get; init; }

    public required string Budgets { get; init; }

    public long Epoch { get; init; }

    public int Operation { get; init; }

    public required string Model { get; init; }

    public required string Route { get; init; }

    public required string Deployment { get; init; }

    public required string Provider { get; init; }

    public required string Credential { get; init; }

    public int Status { get; init; }

    public int Outcome { get; init; }

    public required string ErrorCode { get; init; }

    public int Stream { get; init; }

    public int Attempts { get; init; }

    public long Input { get; init; }

    public long CacheRead { get; init; }

    public long CacheWrite { get; init; }

    public long CacheWriteHour { get; init; }

    public long Output { get; init; }

    public long Reasoning { get; init; }

    public long AudioInput { get; init; }

    public long AudioCacheRead { get; init; }

    public long AudioOutput { get; init; }

    public long ImageInput { get; init; }

    public long ImageCacheRead { get; init; }

    public long ImageOutput { get; init; }

    public long Images { get; init; }

    public long Pixels { get; init; }

    public long ImageQuality { get; init; }

    public long AudioMs { get; init; }

    public long Characters { get; init; }

    public long Searches { get; init; }

    public long WebSearches { get; init; }

    public long WebSearchSize { get; init; }

    public long Tier { get; init; }

    public required string TraceId { get; init; }

    public required string Session { get; init; }

    public int Estimated { get; init; }

    public long Continued { get; init; }

    public long RequestCount { get; init; }

    public long Cost { get; init; }

    public required string PriceVersion { get; init; }

    public long Cache { get; init; }

    public long Saved { get; init; }

    public long SavedTokens { get; init; }

    public UsageRecordView ToView() => new()
    {
        Id = Id,
        StartedAt = DateTimeOffset.UnixEpoch.AddTicks(StartedAt * TimeSpan.TicksPerMicrosecond),
        DurationMicros = Duration,
        FirstByteMicros = FirstByte,
        Edge = Edge,
        Key = KeyId,
        Team = Team,
        User = UserId,
        Customer = Customer,
        EndUser = EndUser,
        Tags = Items(Tags),
        Budgets = Items(Budgets),
        Operation = (Operation)Operation,
        Model = Model,
        Route = Route,
        Deployment = Deployment,
        Provider = Provider,
        Credential = Credential,
        Tier = (ServiceTier)Tier,
        TraceId = TraceId,
        Session = Session,
        Status = Status,
        Outcome = (RequestOutcome)Outcome,
        ErrorCode = ErrorCode,
        Stream = Stream != 0,
        Attempts = Attempts,
        Tokens = new TokenUsage
        {
            Input = Input,
            CacheRead = CacheRead,
            CacheWrite = CacheWrite,
            CacheWriteHour = CacheWriteHour,
            Output = Output,
            Reasoning = Reasoning,
            AudioInput = AudioInput,
            AudioCacheRead = AudioCacheRead,
            AudioOutput = AudioOutput,
            ImageInput = ImageInput,
            ImageCacheRead = ImageCacheRead,
            ImageOutput = ImageOutput,
        },
        Units = new UsageUnits
        {
            Images = Images,
            Pixels = Pixels,
            ImageQuality = (ImageQuality)ImageQuality,
            AudioMilliseconds = AudioMs,
            Characters = Characters,
            Searches = Searches,
            WebSearches = WebSearches,
            WebSearchSize = (WebSearchSize)WebSearchSize,
        },
        Count = (int)RequestCount,
        Estimated = Estimated != 0,
        Continued = Continued != 0,
        CostNanoUsd = Cost,
        PriceVersion = PriceVersion,
        Cache = (CacheUse)Cache,
        SavedNanoUsd = Saved,
        SavedTokens = SavedTokens,
    };

    private static string[] Items(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
