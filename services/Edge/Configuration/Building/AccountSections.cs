using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads <c>budgets</c>, and the rate limits and budgets of accounts.</summary>
internal static class AccountSections
{
    public static List<BudgetEntry> ReadBudgets(SectionReader root, BuildContext context)
    {
        var budgets = new List<BudgetEntry>();
        foreach (var (id, section) in root.Map("budgets"))
        {
            Names.CheckId(context, id);
            budgets.Add(new BudgetEntry
            {
                Id = id.Text,
                Name = Names.Display(context, section, id),
                LimitNanoUsd = NanoUsd.FromUsd(section.Amount("limitUsd") ?? 0),
                Window = (BudgetWindow)(section.Choice("window") + 1),
            });
        }

        return budgets;
    }

    public static RateLimitEntry ReadLimits(SectionReader limits) => new()
    {
        RequestsPerMinute = limits.Integer("requestsPerMinute"),
        TokensPerMinute = limits.Integer("tokensPerMinute"),
        Concurrency = (int?)limits.Integer("concurrency"),
    };

    public static List<string> ReadBudgetIds(SectionReader section, BuildContext context, IReadOnlyList<BudgetEntry> budgets)
    {
        var ids = new List<string>();
        foreach (var id in section.Texts("budgets"))
        {
            References.Check(context, id, "budget", "budgets", budgets.Select(static b => b.Id));
            if (ids.Contains(id.Text))
            {
                context.Error(id, $"The budget '{id.Text}' is named twice: it would be charged once. Remove one.");
            }

            ids.Add(id.Text);
        }

        return ids;
    }
}
