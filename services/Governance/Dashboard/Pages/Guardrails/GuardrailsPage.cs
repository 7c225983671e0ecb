using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;
using Gateway.Dashboard.Pages.Providers;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Guardrails;

/// <summary>A text that was tried, what waits for approval, and what was blocked of late.</summary>
/// <param name="CanTry">Whether the reader may try texts.</param>
/// <param name="Policies">Policies to choose from.</param>
/// <param name="Try">What became of the text.</param>
/// <param name="Form">The form as it was sent.</param>
/// <param name="Pieces">The text in pieces: those found are marked with what they are.</param>
/// <param name="Kinds">What was found, as <c>detector:kind</c>.</param>
/// <param name="Approvals">Requests that wait.</param>
/// <param name="Blocked">Requests that were blocked.</param>
public sealed record GuardrailsModel(bool CanTry, IReadOnlyList<string> Policies, ApiAnswer Try, FormFields? Form, IReadOnlyList<(string Text, string Kind)> Pieces, IReadOnlyList<string> Kinds, ApiAnswer Approvals, ApiAnswer Blocked);

/// <summary>What may go to models and come back.</summary>
public sealed partial class GuardrailsPage : EntitiesPage
{
    private static readonly Entity _policies = new()
    {
        Kind = "guardrail", Segment = "guardrails", Noun = "policy", Title = "Policies", Icon = "shield",
        About = "Rules over what goes to a model and what comes back, run in their order.",
        Columns =
        [
            new("Policy", g => new Cell(g["name"].TextOr(g["id"].Text)) { Sub = g["id"].Text }),
            new("Order", g => new Cell("") { Number = g["order"].Number }) { Right = true },
            new("Rules", g => new Cell(string.Join(", ", g["rules"].Items.Select(r => $"{r["detector"].Text}: {r["action"].TextOr("Flag").ToLowerInvariant()}"))) { Wrap = true }),
            new("Over", g => new Cell(g["appliesTo"].IsThere ? string.Join(", ", g["appliesTo"].Fields.Where(f => f.Value.Count > 0).Select(f => $"{f.Name} {string.Join(", ", f.Value.Texts)}")) is { Length: > 0 } some ? some : "every request" : "where named") { Wrap = true }),
            new("Acts", g => new Cell(!g["enabled"].True ? "off" : g["mode"].Text == "Shadow" ? "reports only" : "acts") { Tone = !g["enabled"].True ? "bad" : g["mode"].Text == "Shadow" ? "warn" : "good" }),
        ],
        Fields =
        [
            new("id", "Id") { OnlyNew = true, Required = true },
            new("name", "Name"),
            new("enabled", "Run") { Form = FieldForm.Flag, Initial = "true" },
            new("order", "Order") { Form = FieldForm.Number, Initial = "100", Hint = "Lower ones run first." },
            new("mode", "Mode") { Options = ProvidersPage.Options("Enforce", "Shadow"), Initial = "Enforce", Hint = "Shadow reports and does nothing." },
            new("sample", "Share of requests") { Form = FieldForm.Number, Initial = "1" },
            new("appliesTo", "Over which requests") { Form = FieldForm.Json, Rows = 4, Initial = "{}", Hint = "{} is every request; lists of keys, teams, customers, routes, models, tags narrow it." },
            new("rules", "Rules") { Form = FieldForm.Json, Rows = 8, Required = true, Initial = "[{\"detector\": \"pii\", \"action\": \"redact\"}]" },
        ],
    };

    public override string Pattern => "guardrails";

    public override string Title => "Guardrails";

    public override NavGroup Group => NavGroup.Protect;

    public override string Icon => "shield";

    public override IReadOnlyList<Entity> Entities { get; } = [_policies];

    protected override async Task<PageResult> OtherAsync(PageContext page, FormFields form)
    {
        if (form.Do is "approve" or "deny")
        {
            var done = await page.SendAsync(HttpMethod.Post, $"/approvals/{Uri.EscapeDataString(form["approval"])}/{form.Do}").ConfigureAwait(false);
            return done.Ok ? PageResult.Go(page.With(), form.Do == "approve" ? "The request may pass now, when it is sent again." : "The request is refused.") : await AgainAsync(page, form).ConfigureAwait(false);
        }

        return form.Do == "try" ? await AgainAsync(page, form).ConfigureAwait(false) : PageResult.NotFound;
    }

    protected override async Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form)
    {
        if (page.Query("id").Length > 0 && form is null)
        {
            return null;
        }

        var approvals = page.GetIfAsync("approval", "list", "/approvals", ("status", "pending"), ("limit", "20"));
        var blocked = page.GetIfAsync("log", "list", "/logs", ("failed", "true"), ("status", "400"), ("limit", "40"));
        var policies = (await page.GetAsync("/guardrails", ("limit", "200")).ConfigureAwait(false)).Body["items"].Items;
        var (tried, pieces, kinds) = form?.Do == "try" ? await TryAsync(page, form, policies).ConfigureAwait(false) : (ApiAnswer.NotAsked, [], []);
        return new ExtraContent(typeof(GuardrailsView), new GuardrailsModel(
            page.Can("guardrail", "run"), [.. policies.Select(p => p["id"].Text)], tried, form, pieces, kinds, await approvals.ConfigureAwait(false), await blocked.ConfigureAwait(false)));
    }

    private static async Task<(ApiAnswer Answer, IReadOnlyList<(string, string)> Pieces, IReadOnlyList<string> Kinds)> TryAsync(PageContext page, FormFields form, IReadOnlyList<J> policies)
    {
        var text = form.Raw("text").ReplaceLineEndings("\n");
        var stored = policies.FirstOrDefault(p => p["id"].Text == form["policy"]);
        var rules = stored.IsThere
            ? JsonNode.Parse(stored["rules"].Element!.Value.GetRawText())!.AsArray()
            : new JsonArray([.. ((string[])["pii", "secrets", "injection"]).Select(d => (JsonNode)new JsonObject { ["detector"] = d, ["action"] = "flag" })]);
        var answer = await DryRunAsync(page, rules, text).ConfigureAwait(false);

        if (!answer.Ok)
        {
            return (answer, [(text, "")], []);
        }

        // The same rules made to redact show where they find what; those that judge a text as a whole cannot, and are made to block, which tells at least that they do.
        var whole = new JsonArray();
        var places = Acting(rules, "redact");
        var marked = await DryRunAsync(page, places, text).ConfigureAwait(false);
        while (!marked.Ok && places.Count > 0 && Wrong(marked) is { } wrong && wrong < places.Count)
        {
            whole.Add(places[wrong]!.DeepClone());
            places.RemoveAt(wrong);
            marked = places.Count > 0 ? await DryRunAsync(page, places, text).ConfigureAwait(false) : ApiAnswer.NotAsked;
        }

        var judged = whole.Count > 0 ? await DryRunAsync(page, Acting(whole, "block"), text).ConfigureAwait(false) : ApiAnswer.NotAsked;
        var kinds = ((ApiAnswer[])[answer, marked, judged]).SelectMany(a => a.Body["differences"][0]["kinds"].Texts).Distinct(StringComparer.Ordinal).ToList();
        return (answer, marked.Ok && marked.Body["differences"][0]["changed"] is { IsThere: true } changed ? Marked(text, changed.Text) : [(text, "")], kinds);
    }

    private static JsonArray Acting(JsonArray rules, string action)
    {
        var acting = new JsonArray([.. rules.Select(r => r!.DeepClone())]);
        foreach (var rule in acting.OfType<JsonObject>())
        {
            rule["action"] = action;
            rule.Remove("message");
            rule.Remove("route");
        }

        return acting;
    }

    // Which rule the first error is about.
    private static int? Wrong(ApiAnswer refused)
        => RuleNumber().Match(refused.Body["errors"][0]["field"].Text) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : null;

    private static Task<ApiAnswer> DryRunAsync(PageContext page, JsonArray rules, string text) => page.SendAsync(HttpMethod.Post, "/guardrails/dry-run", new JsonObject
    {
        ["policy"] = new JsonObject { ["id"] = "tried", ["rules"] = rules.DeepClone() },
        ["texts"] = new JsonArray(text),
    });

    /// <summary>Lays a redacted text over the one it was made of: what stands in both is not found, what a placeholder stands for is.</summary>
    public static IReadOnlyList<(string Text, string Kind)> Marked(string text, string redacted)
    {
        var pieces = new List<(string, string)>();
        var (at, from) = (0, 0);
        string? open = null;
        foreach (var hole in Placeholder().Matches(redacted).Append(null))
        {
            var literal = redacted[from..(hole?.Index ?? redacted.Length)];
            var found = hole is null && literal.Length > 0 ? (text.EndsWith(literal, StringComparison.Ordinal) ? text.Length - literal.Length : -1) : literal.Length == 0 ? (open is null ? at : text.Length) : text.IndexOf(literal, at, StringComparison.Ordinal);
            if (found < at)
            {
                // Something else was changed too: the whole text is shown as it was.
                return [(text, "")];
            }

            if (open is not null && found > at)
            {
                pieces.Add((text[at..found], open));
            }

            if (literal.Length > 0)
            {
                pieces.Add((literal, ""));
            }

            at = found + literal.Length;
            (open, from) = (hole?.Groups[1].Value.ToLowerInvariant().Replace('_', ' '), hole is null ? from : hole.Index + hole.Length);
        }

        return pieces;
    }

    [GeneratedRegex(@"rules\[(\d{1,3})\]")]
    private static partial Regex RuleNumber();

    [GeneratedRegex(@"\[([A-Z][A-Z0-9_]*)\]")]
    private static partial Regex Placeholder();
}
