using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;
using Gateway.Dashboard.Pages.Providers;

namespace Gateway.Dashboard.Pages.Budgets;

/// <summary>How budgets stand, and what was told of them.</summary>
public sealed record BudgetStatesModel(ApiAnswer States, ApiAnswer Alerts);

/// <summary>How much may be spent, and how fast.</summary>
public sealed class BudgetsPage : EntitiesPage
{
    private static readonly Entity _budgets = new()
    {
        Kind = "budget", Segment = "budgets", Noun = "budget", Title = "Budgets", Icon = "budget",
        About = "Amounts of money for windows of time, which the sum of all edges never passes.",
        Columns =
        [
            new("Budget", b => new Cell(b["name"].Text) { Sub = b["id"].Text }),
            new("Limit", b => Cell.Usd(b["limitNanoUsd"])) { Right = true },
            new("Window", b => b["limitNanoUsd"].IsThere ? b["window"].Text : ""),
            new("Further windows", b => new Cell(string.Join(", ", b["windows"].Items.Select(w => $"{Rendering.Format.Usd(w["limitNanoUsd"].Whole)} / {(w["count"].Whole > 1 ? w["count"].Text + " " : "")}{w["unit"].Text}{(w["rolling"].True ? ", rolling" : "")}"))) { Wrap = true }),
            new("Over", b => new Cell(string.Join(", ", b["scope"].Fields.Where(f => f.Value.IsThere).Select(f => $"{f.Name.Replace("Id", "", StringComparison.Ordinal)} {f.Value.Text}"))) { Wrap = true }),
            new("Acts", b => new Cell(b["dryRun"].True ? "dry run" : "refuses") { Tone = b["dryRun"].True ? "warn" : "good" }),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name") { Required = true },
            new("limitNanoUsd", "Dollars") { Form = FieldForm.Dollars, Hint = "For one window; empty: only the further windows count." },
            new("window", "Window") { Options = ProvidersPage.Options("Month", "Week", "Day", "Hour", "Minute", "Year", "Total"), Initial = "Month" },
            new("scope.teamId", "Over the team") { Of = ("teams", "team"), Hint = "Besides accounts that name the budget." },
            new("scope.customerId", "Over the customer") { Of = ("customers", "customer") },
            new("scope.model", "Over the model"),
            new("scope.tag", "Over the tag"),
            new("alertPercents", "Tell at these per cents") { Form = FieldForm.Json, Placeholder = "[80, 100]" },
            new("dryRun", "Count and tell, refuse nothing") { Form = FieldForm.Flag },
            new("windows", "Further windows (nano-dollars)") { Form = FieldForm.Json, Placeholder = "[{\"limitNanoUsd\": 5000000000, \"unit\": \"Day\", \"timeZone\": \"Europe/Berlin\"}]" },
        ],
    };

    private static readonly Entity _limits = new()
    {
        Kind = "limit", Segment = "limits", Noun = "rate limit", Title = "Rate limits", Icon = "settings",
        About = "How many requests or tokens in a time, over whoever the scope selects.",
        Columns =
        [
            new("Limit", l => new Cell(l["name"].Text) { Sub = l["id"].Text }),
            new("Counts", l => l["metric"].Text),
            new("Amount", l => Cell.Count(l["amount"])) { Right = true },
            new("In", l => l["metric"].Text == "ConcurrentRequests" ? "at once" : $"{l["windowSeconds"].Text} s"),
            new("Over", l => new Cell(string.Join(", ", l["scope"].Fields.Where(f => f.Value.IsThere).Select(f => $"{f.Name} {f.Value.Text}"))) { Sub = l["each"].True ? "each for itself" : "" }),
            new("Acts", l => new Cell(l["dryRun"].True ? "dry run" : "refuses") { Tone = l["dryRun"].True ? "warn" : "good" }),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name") { Required = true, Hint = "Callers who are refused are told it." },
            new("metric", "Counts") { Options = ProvidersPage.Options("Requests", "TotalTokens", "InputTokens", "OutputTokens", "ConcurrentRequests", "Images", "AudioSeconds"), Initial = "Requests" },
            new("amount", "Amount") { Form = FieldForm.Number, Required = true },
            new("windowSeconds", "Seconds") { Form = FieldForm.Number, Initial = "60" },
            new("burst", "At once after a quiet time") { Form = FieldForm.Number },
            new("scope.key", "Of the key"),
            new("scope.team", "Of the team") { Of = ("teams", "team") },
            new("scope.model", "Of the model"),
            new("scope.endUser", "Of the end user") { Hint = "* with \"each\": every end user by itself." },
            new("each", "Each value of the scope for itself") { Form = FieldForm.Flag },
            new("maxWaitMs", "May wait (ms)") { Form = FieldForm.Number },
            new("dryRun", "Count only, refuse nothing") { Form = FieldForm.Flag },
        ],
    };

    private static readonly Entity _channels = new()
    {
        Kind = "channel", Segment = "channels", Noun = "alert channel", Title = "Alert channels", Icon = "info",
        About = "How people are told: webhook, Slack or e-mail.",
        Columns =
        [
            new("Channel", c => new Cell(c["name"].Text) { Sub = c["id"].Text }),
            new("Type", c => c["type"].Text),
            new("To", c => new Cell(c["url"].TextOr(string.Join(", ", c["to"].Texts))) { Wrap = true }),
            new("State", Cell.Enabled),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name") { Required = true },
            new("type", "Type") { Options = ProvidersPage.Options("Webhook", "Slack", "Email"), Initial = "Webhook" },
            new("url", "Address of the webhook"),
            new("secret", "Secret") { Form = FieldForm.Secret, Hint = "Signing key of a webhook, address of a Slack webhook, or password of the mail server." },
            new("host", "Mail server"),
            new("user", "Name at the mail server"),
            new("from", "Sender"),
            new("to", "Receivers") { Form = FieldForm.List },
            new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true" },
        ],
        Actions = [new EntityAction("test", "Send a test message", "run")],
    };

    public override string Pattern => "budgets";

    public override string Title => "Budgets and limits";

    public override NavGroup Group => NavGroup.Access;

    public override string Icon => "budget";

    public override IReadOnlyList<Entity> Entities { get; } = [_budgets, _limits, _channels];

    protected override async Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form)
    {
        if (entity != _budgets && entity != _channels)
        {
            return null;
        }

        var id = page.Query("id");
        var states = entity != _budgets ? Task.FromResult(ApiAnswer.NotAsked)
            : id.Length > 0 ? page.GetAsync($"/budgets/{Uri.EscapeDataString(id)}/state") : page.GetAsync("/budgets/states", ("limit", "100"), ("after", page.Query("after")));
        var alerts = page.GetIfAsync("alert", "list", "/alerts", ("limit", "10"));
        return new ExtraContent(typeof(BudgetStatesView), new BudgetStatesModel(await states.ConfigureAwait(false), await alerts.ConfigureAwait(false)));
    }
}
