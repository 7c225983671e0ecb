using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;
using Gateway.Dashboard.Pages.Providers;

namespace Gateway.Dashboard.Pages.Settings;

/// <summary>Settings, and who may come in.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="AdminKeys">Keys of the admin API.</param>
/// <param name="Sessions">Sessions of browsers.</param>
/// <param name="Status">The store in use.</param>
/// <param name="Sent">What became of a form.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record SettingsModel(ApiAnswer Settings, ApiAnswer AdminKeys, ApiAnswer Sessions, ApiAnswer Status, ApiAnswer Sent, FormFields? Form);

/// <summary>What holds for all requests; admin keys and sessions.</summary>
public sealed class SettingsPage : DashboardPage
{
    /// <summary>The settings that have a form; all others are in the JSON.</summary>
    public static Entity Fields { get; } = new()
    {
        Kind = "settings", Segment = "settings", Noun = "settings", Title = "Settings", Columns = [],
        Fields =
        [
            new("requestLog", "What is kept of requests") { Options = [("None", "nothing"), ("Metadata", "metadata"), ("Bodies", "what was said too, redacted")] },
            new("requestLogDetail.samplePercent", "Ordinary requests in detail (%)") { Form = FieldForm.Number },
            new("requestLogDetail.clientAddress", "Client addresses") { Options = [("None", "not kept"), ("Masked", "masked"), ("Full", "full")] },
            new("cache", "Cache answers") { Options = [("Off", "no"), ("Exact", "of the same request"), ("Semantic", "also of the same meaning")] },
            new("unpriced", "Unpriced model under a budget") { Options = [("Deny", "is refused"), ("Allow", "passes, uncounted"), ("Assume", "has an assumed price")] },
            new("assumedPrice", "The assumed price") { Hint = "provider/model of the price list" },
            new("onRevoke", "Requests of a revoked key") { Options = ProvidersPage.Options("Finish", "Cut") },
            new("onAbandon", "When a caller goes away") { Options = [("Abort", "stop the provider's call"), ("Drain", "let it end")] },
            new("guardrailFailure", "When guardrails cannot run") { Options = [("Closed", "refuse"), ("Open", "let pass")] },
            new("blockedTerms", "Texts that no request may contain") { Form = FieldForm.List },
            new("rateLimitHeaders", "Tell callers how their limits stand") { Form = FieldForm.Flag },
        ],
    };

    public override string Pattern => "settings";

    public override string Title => "Settings";

    public override NavGroup Group => NavGroup.Gateway;

    public override string Icon => "settings";

    public override (string, string)? Needs => ("settings", "read");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked, null);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        var condition = form["version"].Length > 0 ? new Dictionary<string, string> { ["If-Match"] = $"\"{form["version"]}\"" } : [];
        var id = Uri.EscapeDataString(form["id"]);
        var (sent, done) = form.Do switch
        {
            "change" => (await page.SendAsync(HttpMethod.Patch, "/settings", EntityForms.Body(Fields, form, isNew: false), condition).ConfigureAwait(false), "The settings are changed; they hold from the next request on."),
            "json" => (await page.SendAsync(HttpMethod.Put, "/settings", EntityForms.Parsed(form.Raw("json")), condition).ConfigureAwait(false), "The settings are replaced."),
            "admin-key" => (await page.SendAsync(HttpMethod.Post, "/admin-keys", form.Json().Text("name").Text("role").Texts("teamIds").Texts("customerIds").Moment("expiresAt").Body, form.Once()).ConfigureAwait(false), null),
            "rotate-admin-key" => (await page.SendAsync(HttpMethod.Post, $"/admin-keys/{id}/rotate", null, form.Once()).ConfigureAwait(false), null),
            "delete-admin-key" => (await page.SendAsync(HttpMethod.Delete, $"/admin-keys/{id}").ConfigureAwait(false), "The admin key is deleted; its sessions have ended."),
            "end-session" => (await page.SendAsync(HttpMethod.Delete, $"/sessions/{id}").ConfigureAwait(false), "The session has ended."),
            _ => (ApiAnswer.NotAsked, (string?)null),
        };
        return sent.Status == 0 ? PageResult.NotFound : sent.Ok && done is not null ? PageResult.Go(page.With(("json", null)), done) : await ShowAsync(page, sent, form).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent, FormFields? form)
    {
        var settings = page.GetAsync("/settings");
        var keys = page.GetIfAsync("adminKey", "list", "/admin-keys", ("limit", "200"));
        var sessions = page.GetIfAsync("session", "list", "/sessions");
        var status = page.GetIfAsync("status", "read", "/status");
        var model = new SettingsModel(await settings.ConfigureAwait(false), await keys.ConfigureAwait(false), await sessions.ConfigureAwait(false), await status.ConfigureAwait(false), sent, form);
        return PageResult.Show<SettingsView, SettingsModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }
}
