using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.Start;

/// <summary>How far the first steps have been taken.</summary>
/// <param name="Providers">Providers there are.</param>
/// <param name="Keys">Keys there are.</param>
/// <param name="Routes">Routes there are.</param>
/// <param name="Requests">The first request there is.</param>
/// <param name="Key">The key just made; empty for none.</param>
/// <param name="Sent">What became of a form.</param>
/// <param name="Form">The form as it was sent.</param>
public sealed record StartModel(ApiAnswer Providers, ApiAnswer Keys, ApiAnswer Routes, ApiAnswer Requests, string Key, ApiAnswer Sent, FormFields? Form);

/// <summary>From nothing to the first request: a provider, a key, a snippet.</summary>
public sealed class StartPage : DashboardPage
{
    /// <summary>Providers to begin with: id, name, address, way of speaking, and a model that a route is made for.</summary>
    public static IReadOnlyList<(string Id, string Name, string Address, string Kind)> Known { get; } =
    [
        ("openai", "OpenAI", "https://api.openai.com/v1", "OpenAI"),
        ("anthropic", "Anthropic", "https://api.anthropic.com/v1", "Anthropic"),
        ("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta", "Gemini"),
        ("mistral", "Mistral", "https://api.mistral.ai/v1", "OpenAI"),
        ("groq", "Groq", "https://api.groq.com/openai/v1", "OpenAI"),
        ("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", "OpenAI"),
    ];

    public override string Pattern => "start";

    public override string Title => "First steps";

    public override NavGroup Group => NavGroup.Gateway;

    public override string Icon => "start";

    public override (string, string)? Needs => ("provider", "create");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, "", ApiAnswer.NotAsked, null);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        switch (form.Do)
        {
            case "provider":
                var sent = await AddProviderAsync(page, form).ConfigureAwait(false);
                return sent.Ok ? PageResult.Go(page.With(), $"{form["provider"]} is connected. Its models are called {form["provider"]}/MODEL.") : await ShowAsync(page, "", sent, form).ConfigureAwait(false);
            case "key":
                var made = await page.SendAsync(HttpMethod.Post, "/keys", new JsonObject { ["name"] = form["name"].Length > 0 ? form["name"] : "My first key" }, form.Once()).ConfigureAwait(false);
                return await ShowAsync(page, made.Body["key"].Text, made, form).ConfigureAwait(false);
            default:
                return PageResult.NotFound;
        }
    }

    // One document, so that all of it is made or nothing: provider, credential, a deployment of any model, and a route for all of them.
    private static Task<ApiAnswer> AddProviderAsync(PageContext page, FormFields form)
    {
        var known = Known.FirstOrDefault(k => k.Id == form["provider"]);
        var id = known.Id ?? (form["id"].Length > 0 ? form["id"] : "provider");
        var secret = form["secret"];
        var deployment = new JsonObject { ["id"] = $"{id}/*", ["provider"] = id, ["model"] = "*" };
        var document = new JsonObject
        {
            ["version"] = 1,
            ["owner"] = "dashboard-" + id,
            ["providers"] = new JsonArray(new JsonObject { ["id"] = id, ["kind"] = known.Kind ?? "OpenAI", ["baseUrl"] = form["baseUrl"].Length > 0 ? form["baseUrl"] : known.Address ?? "" }),
            ["deployments"] = new JsonArray(deployment),
            ["routes"] = new JsonArray(new JsonObject { ["name"] = $"{id}/*", ["targets"] = new JsonArray(new JsonObject { ["deploymentId"] = $"{id}/*" }) }),
        };
        if (secret.Length > 0)
        {
            deployment["credential"] = id + "-main";
            document["credentials"] = new JsonArray(new JsonObject { ["id"] = id + "-main", ["provider"] = id, ["secret"] = secret });
        }

        return page.SendAsync(HttpMethod.Post, "/config/apply", document);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, string key, ApiAnswer sent, FormFields? form)
    {
        var providers = page.GetAsync("/providers", ("limit", "50"));
        var keys = page.GetIfAsync("key", "list", "/keys", ("limit", "1"));
        var routes = page.GetIfAsync("route", "list", "/routes", ("limit", "50"));
        var requests = page.GetIfAsync("log", "list", "/logs", ("limit", "1"));
        var model = new StartModel(await providers.ConfigureAwait(false), await keys.ConfigureAwait(false), await routes.ConfigureAwait(false), await requests.ConfigureAwait(false), key, sent, form);
        return PageResult.Show<StartView, StartModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }
}
