using Gateway.Budgets;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>budgets</c>. What a budget must be, <see cref="BudgetCheck"/> says.</summary>
internal static class BudgetSection
{
    public static List<BudgetEntry> Read(SectionReader root, BuildContext context)
    {
        var budgets = new List<BudgetEntry>();
        foreach (var (id, section) in root.Map("budgets"))
        {
            Names.CheckId(context, id);
            var budget = new BudgetEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                LimitNanoUsd = section.Amount("limitUsd") is { } usd ? NanoUsd.FromUsd(usd) : null,
                Window = (BudgetWindow)(section.Choice("window") + 1),
                Windows = [.. section.Items("windows").Select(ReadWindow)],
                Scope = section.Has("scope") ? ReadScope(section.Section("scope")) : null,
                Overrides = [.. section.Items("overrides").Select((o, i) => ReadOverride(o, i, context))],
                DryRun = section.Flag("dryRun"),
            };
            // A limit that cannot be read is told of already.
            var isReadable = budget.LimitNanoUsd is not null || !section.Has("limitUsd");
            foreach (var (field, message) in isReadable ? BudgetCheck.Problems(budget) : [])
            {
                var name = FileName(field);
                context.Error(section.Join(name), section.PlaceOf(name.Split('[', '.')[0]), $"'{name}' {message.Replace("limitNanoUsd", "limitUsd", StringComparison.Ordinal)}");
            }

            budgets.Add(budget);
        }

        return budgets;
    }

    private static BudgetWindowEntry ReadWindow(SectionReader window) => new()
    {
        LimitNanoUsd = NanoUsd.FromUsd(window.Amount("limitUsd") ?? 0),
        Unit = (BudgetWindow)(window.Choice("unit") + 1),
        Count = window.Int("count"),
        Rolling = window.Flag("rolling"),
        TimeZone = window.Text("timeZone")?.Text ?? "UTC",
        ResetDay = window.Int("resetDay"),
    };

    private static AccountScope ReadScope(SectionReader scope) => new()
    {
        CustomerId = scope.Text("customer")?.Text,
        TeamId = scope.Text("team")?.Text,
        UserId = scope.Text("user")?.Text,
        KeyId = scope.Text("key")?.Text,
        Tag = scope.Text("tag")?.Text,
        ProviderId = scope.Text("provider")?.Text,
        Model = scope.Text("model")?.Text,
    };

    private static BudgetOverride ReadOverride(SectionReader given, int index, BuildContext context) => new(
        given.Text("id")?.Text ?? $"{index}",
        NanoUsd.FromUsd(given.Amount("usd") ?? 1),
        KeySection.ReadTime(given, context, "expiresAt") ?? default)
    {
        Reason = given.Text("reason")?.Text ?? "",
    };

    /// <summary>A field of the contract as the file names it.</summary>
    private static string FileName(string field) => field
        .Replace("limitNanoUsd", "limitUsd", StringComparison.Ordinal).Replace("nanoUsd", "usd", StringComparison.Ordinal)
        .Replace("customerId", "customer", StringComparison.Ordinal).Replace("teamId", "team", StringComparison.Ordinal).Replace("userId", "user", StringComparison.Ordinal)
        .Replace("keyId", "key", StringComparison.Ordinal).Replace("providerId", "provider", StringComparison.Ordinal);
}
