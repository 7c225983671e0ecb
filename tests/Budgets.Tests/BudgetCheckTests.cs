using Gateway.Contracts.Configuration;

namespace Gateway.Budgets.Tests;

public sealed class BudgetCheckTests
{
    private static readonly BudgetEntry _good = new()
    {
        Id = "b",
        Name = "b",
        LimitNanoUsd = 1,
        Windows = [new() { LimitNanoUsd = 2, Unit = BudgetWindow.Hour, Count = 5, Rolling = true }, new() { LimitNanoUsd = 3, TimeZone = "Asia/Tokyo", ResetDay = 31 }],
        Scope = new() { Tag = "env:prod", Model = "gpt-*" },
        Overrides = [new("o", 5, DateTimeOffset.UnixEpoch)],
        AlertPercents = [50, 80, 120],
        AlertChannelIds = ["mail"],
    };

    public static TheoryData<string, BudgetEntry> Wrong => new()
    {
        { "limitNanoUsd", _good with { LimitNanoUsd = null, Windows = [] } },
        { "limitNanoUsd", _good with { LimitNanoUsd = -1 } },
        { "window", _good with { Window = (BudgetWindow)99 } },
        { "windows", _good with { Windows = [.. Enumerable.Range(2, 11).Select(i => new BudgetWindowEntry { LimitNanoUsd = 1, Count = i, Unit = BudgetWindow.Day })] } },
        { "windows[0]", _good with { Windows = [new() { LimitNanoUsd = 9 }] } },
        { "windows[0].unit", With(new() { LimitNanoUsd = 1, Unit = 0 }) },
        { "windows[0].limitNanoUsd", With(new() { LimitNanoUsd = long.MaxValue, Unit = BudgetWindow.Day }) },
        { "windows[0].count", With(new() { LimitNanoUsd = 1, Count = 13 }) },
        { "windows[0].count", With(new() { LimitNanoUsd = 1, Count = 0 }) },
        { "windows[0].rolling", With(new() { LimitNanoUsd = 1, Unit = BudgetWindow.Total, Rolling = true }) },
        { "windows[0].resetDay", With(new() { LimitNanoUsd = 1, Unit = BudgetWindow.Day, ResetDay = 2 }) },
        { "windows[0].resetDay", With(new() { LimitNanoUsd = 1, Unit = BudgetWindow.Week, ResetDay = 8 }) },
        { "windows[0].resetDay", With(new() { LimitNanoUsd = 1, Rolling = true, ResetDay = 8 }) },
        { "windows[0].timeZone", With(new() { LimitNanoUsd = 1, TimeZone = "Berlin" }) },
        { "windows[0].timeZone", With(new() { LimitNanoUsd = 1, TimeZone = "../passwd" }) },
        { "windows[0].timeZone", With(new() { LimitNanoUsd = 1, Rolling = true, TimeZone = "Europe/Berlin" }) },
        { "scope.keyId", _good with { Scope = new() { KeyId = "" } } },
        { "scope.tag", _good with { Scope = new() { Tag = "a b" } } },
        { "scope.model", _good with { Scope = new() { Model = "*-mini" } } },
        { "overrides[0].nanoUsd", _good with { Overrides = [new("o", 0, DateTimeOffset.UnixEpoch)] } },
        { "overrides[1].id", _good with { Overrides = [new("o", 1, DateTimeOffset.UnixEpoch), new("o", 1, DateTimeOffset.UnixEpoch)] } },
        { "alertPercents[1]", _good with { AlertPercents = [80, 80] } },
        { "alertPercents[0]", _good with { AlertPercents = [0] } },
        { "alertChannelIds", _good with { AlertChannelIds = ["a", "a"] } },
    };

    [Fact]
    public void A_good_budget_has_no_problems() => Assert.Empty(BudgetCheck.Problems(_good));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_problem_names_its_field(string field, BudgetEntry budget)
        => Assert.Equal(field, Assert.Single(BudgetCheck.Problems(budget)).Field);

    [Fact]
    public void Overrides_count_until_they_expire()
    {
        var now = DateTimeOffset.UnixEpoch.AddHours(1);
        var budget = _good with { Overrides = [new("a", 5, now), new("b", 7, now.AddTicks(1)), new("c", 11, now.AddDays(1))] };
        Assert.Equal(18, BudgetAmounts.Overrides(budget, now));
        Assert.Equal(0, BudgetAmounts.Overrides(budget, now.AddDays(2)));
    }

    [Fact]
    public void A_scope_selects_what_fits_all_its_members()
    {
        var scope = new AccountScope { CustomerId = "c", Tag = "t", Model = "gpt-*", ProviderId = "openai" };
        Assert.True(AccountScopes.FitsAccounts(scope, "c", null, "u", "k"));
        Assert.False(AccountScopes.FitsAccounts(scope, "d", null, "u", "k"));
        Assert.False(AccountScopes.FitsAccounts(scope with { TeamId = "x" }, "c", null, "u", "k"));
        Assert.True(AccountScopes.FitsTags(scope, ["a"], ["t"]));
        Assert.True(AccountScopes.FitsTags(scope, ["t"], []));
        Assert.False(AccountScopes.FitsTags(scope, ["T"], []));
        Assert.True(AccountScopes.FitsModel(scope, "gpt-5"));
        Assert.False(AccountScopes.FitsModel(scope, "claude"));
        Assert.False(AccountScopes.FitsModel(scope with { Model = "gpt" }, "gpt-5"));
        Assert.True(AccountScopes.FitsProvider(scope, "openai"));
        Assert.False(AccountScopes.FitsProvider(scope, "azure"));
        var everything = new AccountScope();
        Assert.True(AccountScopes.FitsAccounts(everything, null, null, null, null) && AccountScopes.FitsTags(everything, [], []) && AccountScopes.FitsModel(everything, "m") && AccountScopes.FitsProvider(everything, "p"));
    }

    private static BudgetEntry With(BudgetWindowEntry window) => _good with { Windows = [window] };
}
