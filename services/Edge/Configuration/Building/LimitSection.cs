using Gateway.Contracts.Configuration;
using Gateway.Limits;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>limits</c>.</summary>
internal static class LimitSection
{
    public static List<LimitEntry> Read(SectionReader root, BuildContext context)
    {
        var limits = new List<LimitEntry>();
        foreach (var (id, section) in root.Map("limits"))
        {
            Names.CheckId(context, id);
            var entry = new LimitEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                Metric = (LimitMetric)(section.Choice("metric") + 1),
                Amount = section.Integer("amount") ?? 1,
                WindowSeconds = section.Int("windowSeconds"),
                Burst = section.Integer("burst"),
                Scope = ReadScope(section.Section("scope")),
                Each = section.Flag("each"),
                MostCounters = section.Int("mostCounters"),
                NormalPercent = section.Int("normalPercent"),
                LowPercent = section.Int("lowPercent"),
                MaxWaitMs = section.Int("maxWaitMs"),
                MaxQueue = section.Int("maxQueue"),
                DryRun = section.Flag("dryRun"),
            };
            foreach (var (field, message) in LimitCheck.Problems(entry))
            {
                context.Error(id.Path, id.Node, $"'{field}' {message}");
            }

            limits.Add(entry);
        }

        return limits;
    }

    public static PriorityClass ReadPriority(SectionReader section) => (PriorityClass)(section.Choice("priority") + 1);

    private static LimitScope ReadScope(SectionReader scope) => new()
    {
        Key = scope.Text("key")?.Text,
        Team = scope.Text("team")?.Text,
        Customer = scope.Text("customer")?.Text,
        User = scope.Text("user")?.Text,
        Tag = scope.Text("tag")?.Text,
        Model = scope.Text("model")?.Text,
        Provider = scope.Text("provider")?.Text,
        EndUser = scope.Text("endUser")?.Text,
    };
}
