namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>budgets</c>.</summary>
internal static class BudgetRows
{
    private const decimal MostUsd = 1_000_000_000;

    private static string[] Units => ["total", "minute", "hour", "day", "week", "month", "year"];

    // No field holds them: the table of all keys asks for these while it is made itself.
    public static IEnumerable<Setting> All() =>
    [
        new("budgets", SettingType.Map, "Budgets by id: amounts of money for windows of time. A budget stands over the keys of the accounts that name it, and over the requests that its `scope` selects."),
        new("budgets.<id>", SettingType.Section, "A budget. Each request holds its upper bound on every budget over it first; without room it is refused with 402."),
        new("budgets.<id>.name", SettingType.Text, "Display name, which callers read when it refuses. Absent: the id.") { Form = "text of at most 200 characters" },
        new("budgets.<id>.limitUsd", SettingType.Amount, "US dollars for one `window`. Absent: only `windows` count.") { Max = MostUsd },
        new("budgets.<id>.window", SettingType.Choice, "Length of the window, aligned to the UTC calendar; `total` never resets.") { Choices = Units, Default = "month" },
        new("budgets.<id>.windows", SettingType.List, "Further windows, each with an amount of its own; at most 10. All of them must have room."),
        new("budgets.<id>.windows[]", SettingType.Section, "A window."),
        new("budgets.<id>.windows[].limitUsd", SettingType.Amount, "US dollars for one window.") { Max = MostUsd, Required = true },
        new("budgets.<id>.windows[].unit", SettingType.Choice, "Unit of its length.") { Choices = Units, Default = "month" },
        new("budgets.<id>.windows[].count", SettingType.Integer, "Length in units; a year in all at most.") { Min = 1, Max = 366, Default = "1" },
        new("budgets.<id>.windows[].rolling", SettingType.Flag, "true: the window always ends now, counted in 60 parts. false: it is aligned to the calendar.") { Default = "false" },
        new("budgets.<id>.windows[].timeZone", SettingType.Text, "Time zone of the calendar.") { Form = "an IANA name such as Europe/Berlin", Default = "UTC" },
        new("budgets.<id>.windows[].resetDay", SettingType.Integer, "Day on which a week (1 Monday to 7), month (to 31) or year (to 366) begins.") { Min = 1, Max = 366, Default = "1" },
        new("budgets.<id>.scope", SettingType.Section, "Selects the requests it stands over besides those of accounts that name it; all that is given must fit."),
        new("budgets.<id>.scope.customer", SettingType.Text, "Customer of the key.") { Form = "an id" },
        new("budgets.<id>.scope.team", SettingType.Text, "Team of the key.") { Form = "an id" },
        new("budgets.<id>.scope.user", SettingType.Text, "User of the key.") { Form = "an id" },
        new("budgets.<id>.scope.key", SettingType.Text, "The key.") { Form = "an id" },
        new("budgets.<id>.scope.tag", SettingType.Text, "A tag of the key or of the request.") { Form = "a tag" },
        new("budgets.<id>.scope.provider", SettingType.Text, "The provider that is called. Without room it is left out; a request is refused when no provider is left.") { Form = "an id" },
        new("budgets.<id>.scope.model", SettingType.Text, "The model as callers write it, one `*` allowed at its end.") { Form = "a model name" },
        new("budgets.<id>.overrides", SettingType.List, "Amounts on top of every window's limit for a while."),
        new("budgets.<id>.overrides[]", SettingType.Section, "An override."),
        new("budgets.<id>.overrides[].id", SettingType.Text, "Unique in the budget. Absent: its place in the list.") { Form = "an id" },
        new("budgets.<id>.overrides[].usd", SettingType.Amount, "US dollars.") { Max = MostUsd, Required = true },
        new("budgets.<id>.overrides[].expiresAt", SettingType.Text, "From when on it no longer counts.") { Form = "a date or time such as 2030-12-31 or 2030-12-31T18:00:00Z (UTC unless an offset is given)", Required = true },
        new("budgets.<id>.overrides[].reason", SettingType.Text, "Why, for people.") { Form = "text of at most 256 characters" },
        new("budgets.<id>.dryRun", SettingType.Flag, "true: it counts and refuses nothing.") { Default = "false" },
    ];
}
