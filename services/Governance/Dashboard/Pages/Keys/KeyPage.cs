using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Keys;

/// <summary>One virtual key.</summary>
/// <param name="Key">The key, without its value.</param>
/// <param name="Usage">Its usage over time, with percentiles.</param>
/// <param name="Models">Its usage by model.</param>
/// <param name="History">Who changed it; not asked for where the reader may not see it.</param>
/// <param name="Range">Of which time the usage is.</param>
/// <param name="Sent">What became of a form.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record KeyModel(ApiAnswer Key, ApiAnswer Usage, ApiAnswer Models, ApiAnswer History, TimeRange Range, ApiAnswer Sent, FormFields? Form);

/// <summary>One virtual key: its usage, its settings, and what can be done with it.</summary>
public sealed class KeyPage : DashboardPage
{
    public override string Pattern => "keys/one";

    public override string Title => "Virtual key";

    public override (string, string)? Needs => ("key", "read");

    public override (string Title, string Pattern)? Parent => ("Virtual keys", "keys");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked, null);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        var address = "/keys/" + Uri.EscapeDataString(page.Query("id"));
        switch (form.Do)
        {
            case "change":
                var body = form.Json().Text("name").TextOrNull("teamId").TextOrNull("userId").TextOrNull("customerId").Moment("expiresAt").Texts("tags").Texts("allowedModels").Texts("allowedProviders").Texts("allowedIps").Texts("budgetIds")
                    .Texts("guardrailPolicies").Set("limits", form.Json().Number("requestsPerMinute").Number("tokensPerMinute").Number("concurrency").Body).Body;
                var changed = await page.SendAsync(HttpMethod.Patch, address, body, new Dictionary<string, string> { ["If-Match"] = form["version"] }).ConfigureAwait(false);
                return changed.Ok ? PageResult.Go(page.With(("edit", null)), "The key is changed; it holds on every edge within a second.") : await ShowAsync(page, changed, form).ConfigureAwait(false);
            case "block" or "unblock":
                var done = await page.SendAsync(HttpMethod.Post, $"{address}/{form.Do}").ConfigureAwait(false);
                return done.Ok ? PageResult.Go(page.With(), form.Do == "block" ? "The key is blocked on every edge." : "The key is accepted again.") : await ShowAsync(page, done, form).ConfigureAwait(false);
            case "rotate":
                var rotated = await page.SendAsync(HttpMethod.Post, $"{address}/rotate", new JsonObject { ["overlapSeconds"] = FormJson.NumberOf(form["overlapSeconds"]) ?? 0 }, form.Once()).ConfigureAwait(false);
                return await ShowAsync(page, rotated, form).ConfigureAwait(false);
            case "delete":
                var gone = await page.SendAsync(HttpMethod.Delete, address).ConfigureAwait(false);
                return gone.Ok ? PageResult.Go(Root + "/keys", "The key is deleted.") : await ShowAsync(page, gone, form).ConfigureAwait(false);
            default:
                return PageResult.NotFound;
        }
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent, FormFields? form)
    {
        var id = page.Query("id");
        var range = TimeRange.Of(page, "7d");
        var key = page.GetAsync("/keys/" + Uri.EscapeDataString(id));
        var usage = page.GetAsync("/usage", ("key", id), ("from", range.From(page.Now)), ("interval", range.Interval), ("latency", "available"));
        var models = page.GetAsync("/usage", ("key", id), ("from", range.From(page.Now)), ("groupBy", "model"), ("limit", "8"));
        var history = page.GetIfAsync("key", "history", $"/keys/{Uri.EscapeDataString(id)}/history", ("limit", "10"));
        var model = new KeyModel(await key.ConfigureAwait(false), await usage.ConfigureAwait(false), await models.ConfigureAwait(false), await history.ConfigureAwait(false), range, sent, form);
        return id.Length == 0 || model.Key.Status == 404 ? PageResult.NotFound
            : PageResult.Show<KeyView, KeyModel>(model, sent.Status == 0 ? 200 : sent.Status, model.Key.Body["name"].TextOr(id));
    }
}
