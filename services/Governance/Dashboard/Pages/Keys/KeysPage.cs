using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Keys;

/// <summary>A page of virtual keys.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="Usage">What each cost in the last 30 days.</param>
/// <param name="Teams">Teams to choose from.</param>
/// <param name="Customers">Customers to choose from.</param>
/// <param name="Users">Users to choose from.</param>
/// <param name="Sent">What became of the form for a new key; not asked when none was sent.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record KeysModel(ApiAnswer Keys, ApiAnswer Usage, ApiAnswer Teams, ApiAnswer Customers, ApiAnswer Users, ApiAnswer Sent, FormFields? Form);

/// <summary>The keys that applications call with.</summary>
public sealed class KeysPage : DashboardPage
{
    public override string Pattern => "keys";

    public override string Title => "Virtual keys";

    public override NavGroup Group => NavGroup.Access;

    public override string Icon => "key";

    public override (string, string)? Needs => ("key", "list");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked, null);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        if (form.Do != "create")
        {
            return PageResult.NotFound;
        }

        var body = form.Json().Text("id").Text("name").Text("teamId").Text("userId").Text("customerId").Moment("expiresAt").Texts("tags").Texts("allowedModels").Body;
        if (form["requestsPerMinute"].Length > 0 || form["tokensPerMinute"].Length > 0)
        {
            body["limits"] = form.Json().Number("requestsPerMinute").Number("tokensPerMinute").Body;
        }

        var sent = await page.SendAsync(HttpMethod.Post, "/keys", body, form.Once()).ConfigureAwait(false);
        return await ShowAsync(page, sent, form).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent, FormFields? form)
    {
        var keys = page.GetAsync(
            "/keys", ("limit", "50"), ("after", page.Query("after")), ("q", page.Query("q")), ("teamId", page.Query("teamId")), ("customerId", page.Query("customerId")), ("userId", page.Query("userId")), ("tag", page.Query("tag")),
            ("enabled", page.Query("enabled")), ("expired", page.Query("expired")));
        var canCreate = page.Can("key", "create");
        var teams = canCreate ? page.GetIfAsync("team", "list", "/teams", ("limit", "500")) : Task.FromResult(ApiAnswer.NotAsked);
        var customers = canCreate ? page.GetIfAsync("customer", "list", "/customers", ("limit", "500")) : Task.FromResult(ApiAnswer.NotAsked);
        var users = canCreate ? page.GetIfAsync("user", "list", "/users", ("limit", "500")) : Task.FromResult(ApiAnswer.NotAsked);

        // Of the keys of this page alone: days of all keys are much to read for what is not drawn.
        var shown = (await keys.ConfigureAwait(false)).Body["items"].Items.Select(k => ("values", (string?)k["id"].Text)).ToArray();
        var usage = shown.Length == 0 ? ApiAnswer.NotAsked
            : await page.GetAsync("/usage", [("from", TimeRange.All.First(r => r.Name == "30d").From(page.Now)), ("groupBy", "key"), ("interval", "day"), .. shown]).ConfigureAwait(false);
        var model = new KeysModel(
            await keys.ConfigureAwait(false), usage, await teams.ConfigureAwait(false), await customers.ConfigureAwait(false), await users.ConfigureAwait(false), sent, form);
        return PageResult.Show<KeysView, KeysModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }
}
