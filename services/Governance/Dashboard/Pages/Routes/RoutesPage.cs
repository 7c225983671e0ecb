using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;
using Gateway.Dashboard.Pages.Providers;

namespace Gateway.Dashboard.Pages.Routes;

/// <summary>A request that was planned and not made.</summary>
public sealed record SimulateModel(ApiAnswer Plan, FormFields? Form);

/// <summary>Which public names lead to which deployments.</summary>
public sealed class RoutesPage : EntitiesPage
{
    private static readonly Entity _routes = new()
    {
        Kind = "route", Segment = "routes", Noun = "route", Title = "Routes", Icon = "route", IdField = "name",
        About = "A public model name leads to targets, in the order of its strategy; one after the other until one answers.",
        Columns =
        [
            new("Name", r => new Cell(r["name"].Text) { Sub = string.Join(", ", r["aliases"].Texts) }),
            new("Strategy", r => r["strategy"].Text),
            new("Targets", r => new Cell(string.Join(" → ", r["targets"].Items.Select(t => t["deploymentId"].Text))) { Wrap = true }),
            new("Fallbacks", r => Cell.Many(r["fallbacks"], "")),
            new("Rules", r => new Cell("") { Number = r["rules"].Count }) { Right = true },
            new("Cache", r => r["cache"]["mode"].Text),
            new("Comes from", r => new Cell(r["source"].Text) { Tone = r["source"].Text == "stored" ? "" : "info" }),
        ],
        Fields =
        [
            new("name", "Public name") { Required = true, OnlyNew = true, Placeholder = "smart", Hint = "One * makes it a pattern." },
            new("aliases", "Further names") { Form = FieldForm.List },
            new("strategy", "Strategy") { Options = ProvidersPage.Options("Priority", "Weighted", "RoundRobin", "LowestLatency", "LeastInFlight", "LowestCost", "Sticky"), Initial = "Priority" },
            new("targets", "Targets") { Form = FieldForm.Json, Rows = 6, Required = true, Initial = "[{\"deploymentId\": \"openai/gpt-4o-mini\", \"weight\": 1, \"priority\": 0}]" },
            new("maxAttempts", "Most calls for a request") { Form = FieldForm.Number, Initial = "3" },
            new("fallbacks", "Fallback routes") { Form = FieldForm.List },
            new("contextWindowFallbacks", "When the prompt is too long") { Form = FieldForm.List },
            new("contentPolicyFallbacks", "When a filter refused") { Form = FieldForm.List },
            new("guardrailPolicies", "Guardrail policies") { Form = FieldForm.List },
            new("rules", "Rules") { Form = FieldForm.Json, Rows = 4 },
        ],
    };

    public override string Pattern => "routes";

    public override string Title => "Routes";

    public override NavGroup Group => NavGroup.Models;

    public override string Icon => "route";

    public override IReadOnlyList<Entity> Entities { get; } = [_routes];

    protected override async Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form)
    {
        if (!page.Can("route", "run") || page.Query("id").Length > 0)
        {
            return null;
        }

        if (form?.Do != "simulate")
        {
            return new ExtraContent(typeof(SimulateView), new SimulateModel(ApiAnswer.NotAsked, null));
        }

        var body = form.Json().Text("model").Text("keyId").Text("user").Body;
        body["stream"] = form.Checked("stream");
        if (form["tokens"].Length > 0)
        {
            body["tokens"] = FormJson.NumberOf(form["tokens"]);
        }

        if (form["headers"].Length > 0)
        {
            body["headers"] = Pairs(form.Raw("headers"));
        }

        return new ExtraContent(typeof(SimulateView), new SimulateModel(await page.SendAsync(HttpMethod.Post, "/routes/simulate", body).ConfigureAwait(false), form));
    }

    protected override Task<PageResult> OtherAsync(PageContext page, FormFields form) => form.Do == "simulate" ? AgainAsync(page, form) : base.OtherAsync(page, form);

    private static JsonObject Pairs(string lines)
    {
        var pairs = new JsonObject();
        foreach (var line in lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var cut = line.IndexOf(':', StringComparison.Ordinal);
            pairs[cut < 0 ? line : line[..cut].Trim()] = cut < 0 ? "" : line[(cut + 1)..].Trim();
        }

        return pairs;
    }
}
