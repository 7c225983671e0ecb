namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of cache policies, wherever one stands, and of where answers are kept.</summary>
internal static class CacheRows
{
    // No field holds them: the table of all keys asks for these while it is made itself.
    private static string[] Modes => ["off", "exact", "semantic"];

    public static IEnumerable<Setting> Settings() =>
    [
        new("settings.cache", SettingType.Choice, "Where answers are looked for, on routes and for keys that do not say it: nowhere, among answers to the same request, or also among answers to requests that differ only in the words of the last question. See [caching.md](caching.md).") { Choices = Modes, Default = "off" },
        new("settings.cachePolicy", SettingType.Section, "How answers are cached where routes and keys do not say it."),
        .. Policy("settings.cachePolicy", isDefault: true),
        new("settings.cacheStorage", SettingType.Section, "Where cached answers are kept."),
        new("settings.cacheStorage.memoryBytes", SettingType.Integer, "Bytes of answers in the memory of the edge.") { Min = 1_048_576, Max = 17_179_869_184, Default = "67108864" },
        new("settings.cacheStorage.redis", SettingType.Flag, "Whether edges share answers through Redis, where it is configured.") { Default = "true" },
        new("settings.cacheStorage.redisTimeoutMs", SettingType.Integer, "How long Redis may take before it is a miss, in milliseconds.") { Min = 1, Max = 1_000, Default = "20" },
        new("settings.cacheStorage.encrypt", SettingType.Flag, "Whether answers are encrypted before they leave the edge's memory.") { Default = "false" },
        new("settings.cacheStorage.sharedScopes", SettingType.TextList, "Names of scopes whose answers all share whose policies name them; none is switched on by itself.") { Form = "names of 1 to 64 letters, digits, - _ and ." },
        new("settings.cacheStorage.samplesPerMinute", SettingType.Integer, "Most requests a minute that are made only to learn how often semantic hits are wrong.") { Min = 0, Max = 1_000, Default = "10" },
    ];

    /// <summary>The keys of the policy of a route or key.</summary>
    public static IEnumerable<Setting> At(string path, string above) =>
    [
        new(path, SettingType.Section, $"How answers are cached. What is left out, {above} says."),
        new($"{path}.mode", SettingType.Choice, "Where answers are looked for. `off` here cannot be undone elsewhere. Absent: as said above it.") { Choices = Modes },
        .. Policy(path, isDefault: false),
    ];

    private static IEnumerable<Setting> Policy(string path, bool isDefault)
    {
        string Default(string value) => isDefault ? value : "";
        var absent = isDefault ? "" : " Absent: as said above it.";
        return
        [
            new($"{path}.shadow", SettingType.Flag, "Whether every request goes to its provider all the same, and only figures tell what hits there would have been.") { Default = Default("false") },
            new($"{path}.scope", SettingType.Choice, "Who shares answers: requests of one key, keys of one team or customer, all that may use the route, or all whose policies name the same `sharedScope`." + absent) { Choices = ["key", "team", "customer", "route", "shared"], Default = Default("key") },
            new($"{path}.sharedScope", SettingType.Text, "The scope's name with `scope: shared`.") { Form = "one of `settings.cacheStorage.sharedScopes`" },
            new($"{path}.perEndUser", SettingType.Flag, "Whether end users share no answers either; requests that name none are not cached then.") { Default = Default("false") },
            new($"{path}.ttlSeconds", SettingType.Integer, "How long an answer is given again.") { Min = 1, Max = 2_592_000, Default = Default("3600") },
            new($"{path}.staleWhileRevalidateSeconds", SettingType.Integer, "How long after that it is still given while a new one is fetched.") { Min = 0, Max = 604_800, Default = Default("0") },
            new($"{path}.maxEntryBytes", SettingType.Integer, "Largest answer that is stored.") { Min = 1_024, Max = 16_777_216, Default = Default("262144") },
            new($"{path}.maxTemperature", SettingType.Amount, "Requests of a higher temperature are not cached; one that names none is.") { Max = 2, Default = Default("1") },
            new($"{path}.toolCalls", SettingType.Flag, "Whether answers that call tools, or tell of tools that the provider used, are stored.") { Default = Default("false") },
            new($"{path}.singleFlight", SettingType.Choice, "Whether identical requests under way become one call: no (`off`), who came first pays (`leaderPays`), or all that it answers share its cost (`shared`)." + absent) { Choices = ["off", "leaderPays", "shared"], Default = Default("leaderPays") },
            new($"{path}.replayTokensPerSecond", SettingType.Integer, "Tokens a second at which stored answers are streamed; 0: at once.") { Min = 0, Max = 10_000, Default = Default("0") },
            new($"{path}.limits", SettingType.Choice, "What a hit takes of rate limits: one request (`requests`), also the stored answer's tokens (`all`), or nothing (`none`)." + absent) { Choices = ["requests", "all", "none"], Default = Default("requests") },
            new($"{path}.maxWrongHitPercent", SettingType.Amount, "Semantic: share of look-ups that may be answered wrongly.") { Min = 0.01m, Max = 50, Default = Default("1") },
            new($"{path}.threshold", SettingType.Amount, "Semantic: a fixed similarity from which on texts count as the same, instead of what was learnt.") { Min = 0.5m, Max = 1 },
            new($"{path}.samplePercent", SettingType.Amount, "Semantic: share of hits that also go to the provider, to learn how often hits are wrong.") { Max = 100, Default = Default("1") },
            new($"{path}.judgeRoute", SettingType.Text, "Semantic: the route whose model is asked whether a stored answer would have been right, where comparing it with a fresh one does not tell. Without it such an answer counts as wrong.") { Form = "a public model name" },
            new($"{path}.lookupMs", SettingType.Integer, "Semantic: how long a look-up may take before the request goes on without it, in milliseconds.") { Min = 1, Max = 1_000, Default = Default("30") },
            new($"{path}.pii", SettingType.Choice, "What is stored of requests and answers with personal data: everything (`store`), with the question redacted before its meaning is compared (`redact`), or nothing (`skip`)." + absent) { Choices = ["store", "redact", "skip"], Default = Default("store") },
        ];
    }
}
