using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.Reconciliation;

/// <summary>The ledger beside the bills.</summary>
/// <param name="From">First day compared.</param>
/// <param name="To">First day after.</param>
/// <param name="Report">What was found.</param>
/// <param name="Imports">Bills that are there.</param>
/// <param name="Fetches">What the last fetch of each source came to.</param>
/// <param name="Sent">What became of a form.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record ReconciliationModel(string From, string To, ApiAnswer Report, ApiAnswer Imports, ApiAnswer Fetches, ApiAnswer Sent, FormFields? Form);

/// <summary>What providers billed, what was recorded, and why the two differ.</summary>
public sealed class ReconciliationPage : DashboardPage
{
    // Comparing reads the records of these days: a week of them is there at once however many there are in a year.
    private const int DefaultDays = 7;

    public override string Pattern => "reconciliation";

    public override string Title => "Reconciliation";

    public override NavGroup Group => NavGroup.Access;

    public override string Icon => "scale";

    public override (string, string)? Needs => ("reconciliation", "list");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked, null);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        switch (form.Do)
        {
            case "import":
                var file = await form.FileAsync("file", page.Cancellation).ConfigureAwait(false);
                var imported = await page.SendFileAsync(
                    "/reconciliation/imports", file, form["source"] is "openai" or "anthropic" ? "application/json" : "text/csv",
                    ("source", form["source"]), ("provider", form["provider"]), ("part", form["part"]), ("columns", form["columns"]), ("partial", form.Checked("partial") ? "true" : null)).ConfigureAwait(false);
                return imported.Ok
                    ? PageResult.Go(
                        page.With(("from", imported.Body["from"].Text), ("to", imported.Body["to"].Text), ("provider", imported.Body["provider"].Text)),
                        $"The bill is imported: {imported.Body["lines"].Text} lines, {imported.Body["refused"].Text} left out.")
                    : await ShowAsync(page, imported, form).ConfigureAwait(false);
            case "adjust":
                var body = form.Json().Text("from").Text("to").Text("provider").Text("reason").Body;
                body["classes"] = new JsonArray([.. ((string[])["estimated", "unpriced", "price"]).Where(form.Checked).Select(c => (JsonNode)c)]);
                var adjusted = await page.SendAsync(HttpMethod.Post, "/reconciliation/adjust", body).ConfigureAwait(false);
                return adjusted.Ok
                    ? PageResult.Go(page.With(), $"{adjusted.Body["records"].Text} records are corrected.")
                    : await ShowAsync(page, adjusted, form).ConfigureAwait(false);
            default:
                return PageResult.NotFound;
        }
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent, FormFields? form)
    {
        var fetches = page.GetAsync("/reconciliation/fetches");
        var imports = await page.GetAsync("/reconciliation/imports", ("limit", "20")).ConfigureAwait(false);
        var (from, to) = Days(page, imports);
        var report = await page.GetAsync("/reconciliation", ("from", from), ("to", to), ("provider", page.Query("provider"))).ConfigureAwait(false);
        var model = new ReconciliationModel(from, to, report, imports, await fetches.ConfigureAwait(false), sent, form);
        return PageResult.Show<ReconciliationView, ReconciliationModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }

    private static (string From, string To) Days(PageContext page, ApiAnswer imports)
    {
        // The last days that a bill covers, or without bills the last days.
        var past = page.Query("to").Length > 0 ? page.Query("to") : imports.Body["items"][0]["to"].TextOr(Text(page.Now.AddDays(1)));
        if (page.Query("from").Length > 0 || !DateOnly.TryParseExact(past, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return (page.Query("from"), past);
        }

        return (day.AddDays(-DefaultDays).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), past);
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
