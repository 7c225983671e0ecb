using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads the rate limits and budgets of accounts.</summary>
internal static class AccountSections
{
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
