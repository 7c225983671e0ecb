using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Playground;

/// <summary>What the playground begins with.</summary>
/// <param name="Models">Public names to choose from.</param>
/// <param name="Model">The name that is chosen.</param>
/// <param name="System">System prompt.</param>
/// <param name="Message">What is said.</param>
/// <param name="Earlier">Turns before that, as JSON; empty for none.</param>
/// <param name="Tools">Tools, as JSON; empty for none.</param>
/// <param name="Key">A key made for it; empty when none was made.</param>
/// <param name="Sent">What became of the form.</param>
/// <param name="Replayed">What became of reading a request that is to be repeated.</param>
public sealed record PlaygroundModel(IReadOnlyList<string> Models, string Model, string System, string Message, string Earlier, string Tools, string Key, ApiAnswer Sent, ApiAnswer Replayed);

/// <summary>Calls models through the gateway, as an application would: from the browser, with a virtual key.</summary>
public sealed class PlaygroundPage : DashboardPage
{
    private const int Minutes = 60;

    public override string Pattern => "playground";

    public override string Title => "Playground";

    public override NavGroup Group => NavGroup.Observe;

    public override string Icon => "play";

    public override string? Module => "playground.js";

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        if (form.Do != "key")
        {
            return PageResult.NotFound;
        }

        var body = new JsonObject
        {
            ["name"] = $"Playground of {page.User.Name}",
            ["tags"] = new JsonArray("playground"),
            ["expiresAt"] = page.Now.AddMinutes(Minutes).ToString("O", CultureInfo.InvariantCulture),
        };
        if (form["teamId"].Length > 0)
        {
            body["teamId"] = form["teamId"];
        }

        return await ShowAsync(page, await page.SendAsync(HttpMethod.Post, "/keys", body, form.Once()).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent)
    {
        var routes = page.GetIfAsync("route", "list", "/routes", ("limit", "500"));
        var replay = page.Query("replay");
        var bodies = replay.Length > 0 ? page.GetIfAsync("logBody", "read", $"/logs/{Uri.EscapeDataString(replay)}/bodies") : Task.FromResult(ApiAnswer.NotAsked);
        var names = (await routes.ConfigureAwait(false)).Body["items"].Items.SelectMany(r => r["aliases"].Texts.Prepend(r["name"].Text)).Where(n => !n.Contains('*', StringComparison.Ordinal)).ToList();
        var read = await bodies.ConfigureAwait(false);
        var (system, message, earlier, tools) = Conversation(read.Body["request"]["text"].Text);
        var model = new PlaygroundModel(names, page.Query("model").Length > 0 ? page.Query("model") : names.FirstOrDefault() ?? "demo", system, message, earlier, tools, sent.Body["key"].Text, sent, read);
        return PageResult.Show<PlaygroundView, PlaygroundModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }

    // A request that is repeated: its system prompt, its last turn, and what was said between.
    private static (string System, string Message, string Earlier, string Tools) Conversation(string request)
    {
        J body;
        try
        {
            body = request.Length > 0 ? J.Parse(request) : default;
        }
        catch (System.Text.Json.JsonException)
        {
            return ("", "", "", "");
        }

        var turns = body["messages"].Items;
        var system = string.Join('\n', turns.Where(t => t["role"].Text is "system" or "developer").Select(t => t["content"].Text));
        var rest = turns.Where(t => t["role"].Text is not ("system" or "developer")).ToList();
        var last = rest.Count > 0 && rest[^1]["role"].Text == "user" && rest[^1]["content"].Text.Length > 0 ? rest[^1]["content"].Text : "";
        var earlier = last.Length > 0 ? rest.Take(rest.Count - 1).ToList() : rest;
        return (system.Length > 0 ? system : body["system"].Text, last, earlier.Count == 0 ? "" : new JsonArray([.. earlier.Select(t => JsonNode.Parse(t.Element!.Value.GetRawText()))]).ToJsonString(), body["tools"].Indented());
    }
}
