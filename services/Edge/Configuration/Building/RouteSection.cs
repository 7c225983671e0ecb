using Gateway.Contracts.Configuration;
using Gateway.Routing;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A route of the file, where it names its deployments, and where its parts are.</summary>
internal sealed record FileRoute(RouteEntry Entry, IReadOnlyList<TextValue> Targets, SectionReader Section);

/// <summary>Reads <c>routes</c>.</summary>
internal static class RouteSection
{
    public static List<FileRoute> Read(SectionReader root, BuildContext context, IReadOnlyList<FileGuardrail> guardrails, IReadOnlyList<string> sharedScopes)
    {
        var routes = new List<FileRoute>();
        foreach (var (name, section) in root.Map("routes"))
        {
            Names.CheckRoute(context, name);
            var (targets, places) = ReadTargets(section, context);
            var entry = new RouteEntry
            {
                Name = name.Text,
                Aliases = ReadNames(section, "aliases", context),
                Strategy = (RouteStrategy)(section.Choice("strategy") + 1),
                StickyBy = section.Has("stickyBy") ? Texts(section, "stickyBy") : new RouteEntry { Name = "", Targets = [] }.StickyBy,
                MaxAttempts = section.Int("maxAttempts"),
                Targets = targets,
                Rules = [.. section.Items("rules").Select(ReadRule)],
                Timeouts = ReadTimeouts(section.Section("timeouts")),
                Retry = ReadRetry(section.Section("retry")),
                Hedge = ReadHedge(section.Section("hedge")),
                Fallbacks = ReadNames(section, "fallbacks", context),
                ContextWindowFallbacks = ReadNames(section, "contextWindowFallbacks", context),
                ContentPolicyFallbacks = ReadNames(section, "contentPolicyFallbacks", context),
                Unsupported = (UnsupportedPolicy)(section.Choice("unsupported") + 1),
                OnCut = (CutPolicy)(section.Choice("onCut") + 1),
                Cache = CacheSection.ReadPolicy(section, context, sharedScopes),
                OutputCap = section.Has("outputCap") ? (OutputCapPolicy)(section.Choice("outputCap") + 1) : null,
                DefaultOutputTokens = (int?)section.Integer("defaultOutputTokens"),
                McpChat = McpChatSection.Read(section, context),
                GuardrailPolicies = GuardrailSection.ReadNames(section, context, guardrails),
            };
            foreach (var (field, message) in RouteCheck.Problems(entry))
            {
                context.Error(section.Join(field), section.PlaceOf(field.Split('[', '.')[0]), message);
            }

            routes.Add(new FileRoute(entry, places, section));
        }

        return routes;
    }

    private static (List<RouteTarget> Targets, List<TextValue> Places) ReadTargets(SectionReader section, BuildContext context)
    {
        var targets = new List<RouteTarget>();
        var places = new List<TextValue>();
        var items = 0;
        foreach (var item in section.Items("targets"))
        {
            items++;
            var (weight, priority) = (item.Int("weight"), item.Int("priority"));
            var (canary, shadow) = ((int?)item.Integer("canaryPercent"), (int?)item.Integer("shadowPercent"));
            if (item.Text("deployment") is { } deployment)
            {
                targets.Add(new RouteTarget { DeploymentId = deployment.Text, Weight = weight, Priority = priority, CanaryPercent = canary, ShadowPercent = shadow });
                places.Add(deployment);
            }
        }

        if (items == 0 && section.Has("targets"))
        {
            context.Error(section.Join("targets"), section.PlaceOf("targets"), "A route needs at least one target. Legal: a list of deployment ids.");
        }

        return (targets, places);
    }

    private static RouteRule ReadRule(SectionReader rule) => new()
    {
        Name = rule.Text("name")?.Text,
        When = rule.Text("when")?.Text ?? "false",
        Targets = Texts(rule, "targets"),
        Route = rule.Text("route")?.Text,
        Set = rule.TextMap("set").ToDictionary(static p => p.Name.Text, static p => p.Value.Text, StringComparer.Ordinal),
    };

    private static RouteTimeouts ReadTimeouts(SectionReader timeouts) => new()
    {
        FirstByteMs = (int?)timeouts.Integer("firstByteMs"),
        FirstTokenMs = (int?)timeouts.Integer("firstTokenMs"),
        IdleMs = (int?)timeouts.Integer("idleMs"),
        TotalMs = (int?)timeouts.Integer("totalMs"),
        AllAttemptsMs = (int?)timeouts.Integer("allAttemptsMs"),
    };

    private static RetryEntry ReadRetry(SectionReader retry) => new() { Count = retry.Int("count"), BaseMs = retry.Int("baseMs"), MaxMs = retry.Int("maxMs") };

    private static HedgeEntry ReadHedge(SectionReader hedge) => new() { DelayMs = (int?)hedge.Integer("delayMs"), Percentile = (int?)hedge.Integer("percentile") };

    private static List<string> ReadNames(SectionReader section, string key, BuildContext context)
    {
        var names = section.Texts(key);
        foreach (var name in names)
        {
            Names.CheckRoute(context, name);
        }

        return [.. names.Select(static n => n.Text)];
    }

    private static List<string> Texts(SectionReader section, string key) => [.. section.Texts(key).Select(static t => t.Text)];
}
