namespace Gateway.Edge.Configuration.Schema;

/// <summary>The part of the table that describes rate limits.</summary>
internal static class LimitRows
{
    private const string Pattern = "an id or name, a trailing * allowed";

    public static readonly IReadOnlyList<Setting> All =
    [
        new("limits", SettingType.Map, "Rate limits by id, besides the short ones of keys and teams; see [rate-limits.md](rate-limits.md)."),
        new("limits.<id>", SettingType.Section, "A rate limit: a token bucket. All limits over a request must have room for it."),
        new("limits.<id>.name", SettingType.Text, "Display name, which refused callers are told. Absent: the id.") { Form = "text of at most 200 characters" },
        new("limits.<id>.metric", SettingType.Choice, "What is limited.") { Choices = ["requests", "inputTokens", "outputTokens", "totalTokens", "concurrentRequests", "images", "audioSeconds"], Default = "requests" },
        new("limits.<id>.amount", SettingType.Integer, "How much in one window; of `concurrentRequests` how many at the same time.") { Min = 1, Max = 1_000_000_000_000, Required = true },
        new("limits.<id>.windowSeconds", SettingType.Integer, "Length of the window, over which the amount is spread evenly.") { Min = 1, Max = 86_400, Default = "60" },
        new("limits.<id>.burst", SettingType.Integer, "How much may be taken at once after a quiet time. Absent: as much as `amount`. Not with `concurrentRequests`.") { Min = 1, Max = 1_000_000_000_000 },
        new("limits.<id>.scope", SettingType.Section, "Whose requests it stands over: every member that is given must fit. Absent: everybody's."),
        Scope("key", "The virtual key's id."),
        Scope("team", "Id of the key's team."),
        Scope("customer", "Id of the key's customer."),
        Scope("user", "Id of the key's user."),
        Scope("tag", "A tag of the key or of the request."),
        Scope("model", "Public model name as the caller writes it."),
        Scope("provider", "Provider that is called: one without room is passed over, and a request is refused when none is left."),
        Scope("endUser", "The end user as the request names it."),
        new("limits.<id>.each", SettingType.Flag, "Whether each distinct combination of the values that the scope matches has a counter of its own, instead of one for all.") { Default = "false" },
        new("limits.<id>.mostCounters", SettingType.Integer, "Most counters with `each`; values beyond share one.") { Min = 1, Max = 100_000, Default = "10000" },
        new("limits.<id>.normalPercent", SettingType.Integer, "Share of the burst that requests of normal priority may use.") { Min = 1, Max = 100, Default = "100" },
        new("limits.<id>.lowPercent", SettingType.Integer, "Share of the burst that requests of low priority may use; not above `normalPercent`.") { Min = 1, Max = 100, Default = "100" },
        new("limits.<id>.maxWaitMs", SettingType.Integer, "How long a request may wait for room instead of being refused, in milliseconds.") { Min = 0, Max = 60_000, Default = "0" },
        new("limits.<id>.maxQueue", SettingType.Integer, "Most requests that wait at one counter.") { Min = 1, Max = 10_000, Default = "100" },
        new("limits.<id>.dryRun", SettingType.Flag, "Whether it only counts and refuses nothing.") { Default = "false" },
    ];

    private static Setting Scope(string name, string meaning) => new($"limits.<id>.scope.{name}", SettingType.Text, meaning) { Form = Pattern };
}
