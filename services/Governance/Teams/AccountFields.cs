using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Teams;

/// <summary>Fields that customers, teams, users and virtual keys share.</summary>
internal static class AccountFields
{
    private const int MostBudgets = 50;

    public static RateLimitEntry Limits(ObjectReader reader)
    {
        if (reader.Nested("limits") is not { } nested)
        {
            return new RateLimitEntry();
        }

        var limits = new RateLimitEntry
        {
            RequestsPerMinute = nested.Integer("requestsPerMinute", 1, 1_000_000_000),
            TokensPerMinute = nested.Integer("tokensPerMinute", 1, 1_000_000_000_000),
            Concurrency = (int?)nested.Integer("concurrency", 1, 1_000_000),
        };
        nested.Close();
        return limits;
    }

    /// <summary>The id of an account that this one belongs to, or null.</summary>
    public static string? Owner(ObjectReader reader, string name)
        => reader.Text(name, required: false, Formats.IdLength, Formats.Id) is { Length: > 0 } id ? id : null;

    /// <summary>Budgets and limits whose scope names something.</summary>
    public static IEnumerable<string> Scopes(ConfigState state, Func<AccountScope, string?> ofBudget, Func<LimitScope, string?> ofLimit, string id)
        => state.Budgets.Values.Where(b => b.Value.Scope is { } scope && ofBudget(scope) == id).Select(b => $"budget '{b.Value.Id}'")
            .Concat(state.Limits.Values.Where(l => ofLimit(l.Value.Scope) == id).Select(l => $"limit '{l.Value.Id}'"));

    public static void Add(IEnumerable<AccountProblem> problems, FieldErrors errors)
    {
        foreach (var problem in problems)
        {
            errors.Add(problem.Field, problem.Message);
        }
    }

    public static IReadOnlyList<string> BudgetIds(ObjectReader reader)
        => [.. reader.Texts("budgetIds", MostBudgets, Formats.IdLength, Formats.Id).Distinct(StringComparer.Ordinal)];

    public static void CheckBudgets(IReadOnlyList<string> ids, EffectiveConfig config, FieldErrors errors)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            if (!config.HasBudget(ids[i]))
            {
                errors.Add($"budgetIds[{i}]", $"names no budget: there is no '{ids[i]}'.");
            }
        }
    }
}
