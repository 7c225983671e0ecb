using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Budgets;

/// <summary>Reads a budget as the admin API takes it. What a budget must be, <see cref="BudgetCheck"/> says.</summary>
internal static class BudgetForm
{
    private const int MostListed = 1_000;
    private const int TextLength = 256;

    public static BudgetEntry Read(ObjectReader reader, string id)
    {
        var budget = new BudgetEntry
        {
            Id = id,
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            LimitNanoUsd = reader.Integer("limitNanoUsd", 0, BudgetAmounts.Most),
            Window = reader.Choice("window", BudgetWindow.Month),
            Windows = [.. reader.NestedMany("windows", 0, MostListed).Select(Window)],
            Scope = Scope(reader),
            Overrides = [.. reader.NestedMany("overrides", 0, MostListed).Select(Override)],
            AlertPercents = Percents(reader),
            AlertChannelIds = reader.Texts("alertChannelIds", MostListed, Formats.IdLength, Formats.Id),
            DryRun = reader.Boolean("dryRun", false),
        };
        if (!reader.Errors.Any)
        {
            foreach (var (field, message) in BudgetCheck.Problems(budget))
            {
                reader.Error(field, message);
            }
        }

        return budget;
    }

    /// <summary>Reads one override; an id is made where none is given.</summary>
    public static BudgetOverride Override(ObjectReader reader)
    {
        var read = new BudgetOverride(
            reader.Text("id", required: false, Formats.IdLength, Formats.Id) ?? Keys.KeyMaterial.NewId("override"),
            reader.Integer("nanoUsd", 1, BudgetAmounts.Most, required: true) ?? 1,
            Expiry(reader)) { Reason = reader.Text("reason", required: false, TextLength) ?? "" };
        reader.Close();
        return read;
    }

    private static DateTimeOffset Expiry(ObjectReader reader)
    {
        if (reader.Instant("expiresAt") is { } given)
        {
            return given;
        }

        if (!reader.Errors.Any)
        {
            reader.Error("expiresAt", "is required: from when on the amount no longer counts.");
        }

        return default;
    }

    private static BudgetWindowEntry Window(ObjectReader reader)
    {
        var defaults = new BudgetWindowEntry { LimitNanoUsd = 0 };
        var read = new BudgetWindowEntry
        {
            LimitNanoUsd = reader.Integer("limitNanoUsd", 0, BudgetAmounts.Most, required: true) ?? 0,
            Unit = reader.Choice("unit", defaults.Unit),
            Count = reader.Integer("count", 1, 366, defaults.Count),
            Rolling = reader.Boolean("rolling", defaults.Rolling),
            TimeZone = reader.Text("timeZone", required: false, TextLength) ?? defaults.TimeZone,
            ResetDay = reader.Integer("resetDay", 1, 366, defaults.ResetDay),
        };
        reader.Close();
        return read;
    }

    private static AccountScope? Scope(ObjectReader reader)
    {
        if (reader.Nested("scope") is not { } nested)
        {
            return null;
        }

        var scope = new AccountScope
        {
            CustomerId = nested.Text("customerId", required: false, Formats.IdLength, Formats.Id),
            TeamId = nested.Text("teamId", required: false, Formats.IdLength, Formats.Id),
            UserId = nested.Text("userId", required: false, Formats.IdLength, Formats.Id),
            KeyId = nested.Text("keyId", required: false, Formats.IdLength, Formats.Id),
            Tag = nested.Text("tag", required: false, TextLength),
            ProviderId = nested.Text("providerId", required: false, Formats.IdLength, Formats.Id),
            Model = nested.Text("model", required: false, TextLength, Formats.Model),
        };
        nested.Close();
        return scope;
    }

    private static IReadOnlyList<int> Percents(ObjectReader reader) => [.. reader.Integers("alertPercents", MostListed, 0, int.MaxValue).Select(p => (int)p)];
}
