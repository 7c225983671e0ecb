using Gateway.Dashboard.Pages.Entities;

namespace Gateway.Dashboard.Pages.Reconciliation;

/// <summary>Cost APIs that bills are fetched from by a schedule.</summary>
public sealed class BillSourcesPage : EntitiesPage
{
    private static readonly Entity _sources = new()
    {
        Kind = "billSource", Segment = "bill-sources", Noun = "bill source", Title = "Bill sources", Icon = "scale",
        About = "The cost API of a provider is asked by a schedule, with an admin key of the organisation that is read where it is kept and never stored.",
        Columns =
        [
            new("Source", s => new Cell(s["name"].TextOr(s["id"].Text)) { Sub = s["id"].Text }),
            new("Provider", s => new Cell(s["providerId"].Text) { Sub = s["part"].Text }),
            new("API", s => s["api"].Text),
            new("Every", s => s["everyHours"].Text + " h"),
            new("Days", s => new Cell("") { Number = s["days"].Number }) { Right = true },
            new("State", Cell.Enabled),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Hint = "Empty: one is made." },
            new("name", "Name"),
            new("providerId", "Provider") { Required = true, Of = ("providers", "provider") },
            new("api", "API") { Options = [("OpenAI", "OpenAI: organisation costs"), ("Anthropic", "Anthropic: cost report")], Initial = "OpenAI" },
            new("secretRef", "Where its admin key is kept") { Form = FieldForm.Json, Required = true, Placeholder = "{\"kind\": \"env\", \"name\": \"OPENAI_ADMIN_KEY\"}" },
            new("everyHours", "Hours between fetches") { Form = FieldForm.Number, Initial = "6" },
            new("days", "Days fetched each time") { Form = FieldForm.Number, Initial = "5" },
            new("part", "Part") { Hint = "Tells several bills of one provider apart." },
            new("credentials", "Credentials by account") { Form = FieldForm.Json, Placeholder = "{\"proj_abc\": \"openai-1\"}" },
            new("models", "Models by the bill's names") { Form = FieldForm.Json },
            new("partial", "Leave out what cannot be read") { Form = FieldForm.Flag },
            new("enabled", "Enabled") { Form = FieldForm.Flag, Initial = "true" },
        ],
        Actions = [new("fetch", "Fetch now", "run")],
    };

    public override string Pattern => "reconciliation/sources";

    public override string Title => "Bill sources";

    public override (string Title, string Pattern)? Parent => ("Reconciliation", "reconciliation");

    public override IReadOnlyList<Entity> Entities { get; } = [_sources];
}
