using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Audit;

/// <summary>A page of the audit log.</summary>
/// <param name="Rows">What was done.</param>
/// <param name="Checked">What came of checking the chains.</param>
public sealed record AuditModel(ApiAnswer Rows, ApiAnswer Checked);

/// <summary>Who did what, when and from where.</summary>
public sealed class AuditPage : DashboardPage
{
    public static IReadOnlyList<string> Filters { get; } = ["actor", "action", "kind", "id", "chain"];

    public override string Pattern => "audit";

    public override string Title => "Audit";

    public override NavGroup Group => NavGroup.Protect;

    public override string Icon => "audit";

    public override (string, string)? Needs => ("audit", "list");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
        => form.Do == "verify" ? await ShowAsync(page, await page.SendAsync(HttpMethod.Post, "/audit/verify", new JsonObject()).ConfigureAwait(false)).ConfigureAwait(false) : PageResult.NotFound;

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer done)
    {
        var range = page.Query("range").Length > 0 ? TimeRange.Of(page).From(page.Now) : null;
        (string, string?)[] query = [.. Filters.Select(f => (f, (string?)page.Query(f))), ("from", range), ("after", page.Query("after")), ("limit", "50")];
        return PageResult.Show<AuditView, AuditModel>(new AuditModel(await page.GetAsync("/audit", query).ConfigureAwait(false), done));
    }
}
