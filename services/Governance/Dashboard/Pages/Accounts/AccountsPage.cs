using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;

namespace Gateway.Dashboard.Pages.Accounts;

/// <summary>Whose the keys are: teams, customers, users.</summary>
public sealed class AccountsPage : EntitiesPage
{
    private static readonly EntityField[] _limits =
    [
        new("limits.requestsPerMinute", "Requests a minute") { Form = FieldForm.Number },
        new("limits.tokensPerMinute", "Tokens a minute") { Form = FieldForm.Number },
        new("limits.concurrency", "At the same time") { Form = FieldForm.Number },
        new("budgetIds", "Budgets") { Form = FieldForm.List, Hint = "Ids, separated by commas." },
        new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true", Hint = "Off blocks all its keys." },
    ];

    private static readonly Entity _teams = new()
    {
        Kind = "team", Segment = "teams", Noun = "team", Title = "Teams", Icon = "team",
        About = "Keys that belong together: one set of budgets and limits, one line in reports.",
        Columns =
        [
            new("Team", t => new Cell(t["name"].Text) { Sub = t["id"].Text }),
            new("Customer", t => t["customerId"].Text),
            new("State", Cell.Enabled),
            new("Budgets", t => Cell.Many(t["budgetIds"], "")),
            new("Guardrails", t => Cell.Many(t["guardrailPolicies"], "")),
            new("Changed", t => Cell.Ago(t["updatedAt"])),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name") { Required = true },
            new("customerId", "Customer") { Of = ("customers", "customer") },
            .. _limits,
            new("guardrailPolicies", "Guardrail policies") { Form = FieldForm.List },
        ],
    };

    private static readonly Entity _customers = new()
    {
        Kind = "customer", Segment = "customers", Noun = "customer", Title = "Customers", Icon = "team",
        About = "Whom the use of several teams is charged to.",
        Columns =
        [
            new("Customer", c => new Cell(c["name"].Text) { Sub = c["id"].Text }),
            new("State", Cell.Enabled),
            new("Budgets", c => Cell.Many(c["budgetIds"], "")),
            new("Changed", c => Cell.Ago(c["updatedAt"])),
        ],
        Fields = [new("id", "Id") { OnlyNew = true, Required = true }, new("name", "Name") { Required = true }, .. _limits],
    };

    private static readonly Entity _users = new()
    {
        Kind = "user", Segment = "users", Noun = "user", Title = "Users", Icon = "user",
        About = "People who have keys of their own.",
        Columns =
        [
            new("User", u => new Cell(u["name"].Text) { Sub = u["id"].Text }),
            new("E-mail", u => u["email"].Text),
            new("Team", u => u["teamId"].Text),
            new("Customer", u => u["customerId"].Text),
            new("State", Cell.Enabled),
            new("Budgets", u => Cell.Many(u["budgetIds"], "")),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name") { Required = true },
            new("email", "E-mail"),
            new("teamId", "Team") { Of = ("teams", "team") },
            new("customerId", "Customer") { Of = ("customers", "customer") },
            .. _limits,
        ],
    };

    public override string Pattern => "teams";

    public override string Title => "Teams and customers";

    public override NavGroup Group => NavGroup.Access;

    public override string Icon => "team";

    public override IReadOnlyList<Entity> Entities { get; } = [_teams, _customers, _users];
}
