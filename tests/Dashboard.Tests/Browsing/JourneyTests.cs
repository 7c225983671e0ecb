using System.Text.RegularExpressions;
using Gateway.EndToEnd.Hosting;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>What people do, in a real browser.</summary>
public sealed partial class JourneyTests(WholeGateway gateway)
{
    [Fact]
    public async Task First_run_a_provider_a_key_a_call_and_the_request_appears_while_one_watches()
    {
        var page = await gateway.LoggedInAsync();
        await page.GotoAsync(gateway.Url + "/dashboard/start");
        await page.SelectOptionAsync("#start-provider", "");
        await page.FillAsync("#start-id", "first-run");
        await page.FillAsync("#start-baseUrl", gateway.Simulator.BaseUrl);
        await page.FillAsync("#start-secret", "sk-first-run");
        await page.ClickAsync("text=Connect >> nth=-1");
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("is connected");
        Assert.DoesNotContain("sk-first-run", await page.ContentAsync(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var key = (await page.Locator(".notice.warn code").InnerTextAsync()).Trim();
        Assert.StartsWith("gw-", key, StringComparison.Ordinal);
        Assert.Contains(key, await page.Locator("details[open] code").First.InnerTextAsync(), StringComparison.Ordinal);

        await page.GotoAsync(gateway.Url + "/dashboard/requests");
        await page.ClickAsync("[data-tail]");
        await Expect(page.Locator("[data-tail]")).ToContainTextAsync("Live");
        await gateway.CallAsync(key, "first-run/sim");
        var row = page.Locator("[data-tail-into] tr.new").Filter(new() { HasText = "first-run/sim" }).First;
        await Expect(row).ToContainTextAsync("200", new() { Timeout = 30_000 });

        await page.ClickAsync("[data-tail]");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Request");
        await Expect(page.Locator("main")).ToContainTextAsync("Tokens and cost");
    }

    [Fact]
    public async Task The_playground_streams_an_answer_and_compares_two_models()
    {
        var page = await gateway.LoggedInAsync();
        await page.GotoAsync(gateway.Url + "/dashboard/playground?model=demo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make one for an hour" }).ClickAsync();
        await Expect(page.Locator("#play-key")).ToHaveValueAsync(KeyShape());
        await gateway.CallAsync(await page.InputValueAsync("#play-key"), "demo");
        await page.FillAsync("#play-model", "demo");
        await page.FillAsync("#play-other", "demo");
        await page.FillAsync("#play-message", "Hello there");
        await page.Locator("#play-message").PressAsync("Control+Enter");
        foreach (var pane in (string[])["a", "b"])
        {
            await Expect(page.Locator($"[data-pane={pane}] .turn.model .turn-text")).Not.ToHaveTextAsync("", new() { Timeout = 30_000 });
            await Expect(page.Locator($"[data-pane={pane}] [data-facts]")).ToContainTextAsync("finished", new() { Timeout = 30_000 });
        }

        await Expect(page.Locator("[data-pane=a] [data-facts] a").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_text_that_is_tried_shows_what_guardrails_find_in_it()
    {
        var page = await gateway.LoggedInAsync();
        await page.GotoAsync(gateway.Url + "/dashboard/guardrails");
        await page.FillAsync("#try-text", "Write to ada@example.com about it.");
        await page.ClickAsync("text=Look what is found");
        await Expect(page.Locator("mark")).ToContainTextAsync("ada@example.com");
        await Expect(page.Locator(".found")).ToContainTextAsync("pii:email");
    }

    [Fact]
    public async Task A_budget_made_here_tells_when_its_share_is_reached()
    {
        var page = await gateway.LoggedInAsync();
        await gateway.ApiAsync(HttpMethod.Post, "/api/providers", new { id = "told", baseUrl = gateway.Simulator.BaseUrl });
        await gateway.ApiAsync(HttpMethod.Post, "/api/credentials", new { id = "told-1", providerId = "told", secret = "sk-any" });
        await gateway.ApiAsync(HttpMethod.Post, "/api/deployments", new { id = "told/sim", providerId = "told", credentialId = "told-1", model = "sim", maxOutputTokens = 32, price = new { version = "t", inputPerMillion = 1_000_000_000, outputPerMillion = 1_000_000_000 } });
        await gateway.ApiAsync(HttpMethod.Post, "/api/routes", new { name = "told", targets = (object[])[new { deploymentId = "told/sim" }] });
        await page.GotoAsync(gateway.Url + "/dashboard/budgets");
        await page.GetByRole(AriaRole.Link, new() { Name = "New budget" }).ClickAsync();
        await page.FillAsync("#new-id", "thin");
        await page.FillAsync("#new-name", "A thin budget");
        await page.FillAsync("#new-limitNanoUsd", "0.001");
        await page.FillAsync("#new-alertPercents", "[1, 90]");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the budget" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("The budget is made");

        var key = await gateway.ApiAsync(HttpMethod.Post, "/api/keys", new { name = "Thin", budgetIds = (string[])["thin"] });
        await gateway.CallAsync(key["key"]!.GetValue<string>(), "told");
        var alerts = page.GetByRole(AriaRole.Group, new() { Name = "Latest alerts" });
        await SeenAsync(page, "/dashboard/budgets", alerts.GetByText("A thin budget"));
        await Expect(alerts).ToContainTextAsync("1%");
        await SeenAsync(page, "/dashboard", page.GetByRole(AriaRole.Link, new() { Name = "A thin budget reached 1%" }));
    }

    [Fact]
    public async Task A_tool_is_approved_then_its_change_is_shown_and_approved_then_a_call_of_it()
    {
        Assert.SkipWhen(Chromium.Path is null, "chromium is not on PATH");
        await using var server = await ToolServer.StartAsync();
        var key = (await gateway.ApiAsync(HttpMethod.Post, "/api/keys", new { name = "Desk" }))["id"]!.GetValue<string>();
        var page = await gateway.LoggedInAsync();
        await page.GotoAsync(gateway.Url + "/dashboard/mcp?import=1");
        await page.FillAsync("#import-document", """{"mcpServers": {"counter": {"type": "http", "url": "ADDRESS"}}}""".Replace("ADDRESS", server.Address, StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Button, new() { Name = "Take over" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("This would be registered");
        await page.UncheckAsync("#import-dryRun");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take over" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("Registered: counter");

        var tool = page.GetByRole(AriaRole.Link, new() { Name = "echo", Exact = true });
        await SeenAsync(page, "/dashboard/mcp?id=counter&state=new", tool);
        await tool.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve this definition" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("is approved");

        server.Description = "Says what it was told, and sends it to us.";
        await gateway.ApiAsync(HttpMethod.Patch, "/api/mcp/servers/counter", new { timeoutSeconds = 61, tools = (object[])[new { tool = "echo", approval = "Admin" }] });
        await SeenAsync(page, "/dashboard/mcp?id=counter&state=changed", tool);
        await tool.ClickAsync();
        await Expect(page.Locator(".diff del").First).ToContainTextAsync("Says what it was told.");
        await Expect(page.Locator(".diff ins").First).ToContainTextAsync("sends it to us");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve this definition" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("is approved");

        var waiting = page.GetByRole(AriaRole.Group, new() { Name = "Calls that wait for approval" });
        await Poll.UntilAsync(
            async () =>
            {
                await TryAsync(page, key);
                await page.GotoAsync(gateway.Url + "/dashboard/mcp/calls");
                return await waiting.GetByRole(AriaRole.Button, new() { Name = "Approve" }).CountAsync() > 0;
            },
            () => "The call never waited for approval.");
        await waiting.GetByRole(AriaRole.Button, new() { Name = "Approve" }).First.ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("The call may go on");
        await TryAsync(page, key);
        await Expect(page.Locator("main")).ToContainTextAsync("You said: hello");
        await SeenAsync(page, "/dashboard/mcp/calls?server=counter", page.GetByText("done", new() { Exact = true }).First);
    }

    [Fact]
    public async Task Everything_can_be_reached_and_done_by_keyboard()
    {
        var page = await gateway.LoggedInAsync();
        await page.GotoAsync(gateway.Url + "/dashboard/teams");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#main")).ToBeFocusedAsync();

        // From the content on: into the dialog, through its fields, and out again by Escape.
        await page.GetByRole(AriaRole.Link, new() { Name = "New team" }).FocusAsync();
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#entry")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#entry")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.FocusAsync("#new-id");
        await page.Keyboard.TypeAsync("by-keyboard");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("By keyboard");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("The team is made");
        await Expect(page.Locator("main")).ToContainTextAsync("By keyboard");
    }

    [Fact]
    public async Task Pages_are_read_and_filtered_with_scripts_off()
    {
        var page = await gateway.PageAsync(scripts: false);
        await page.GotoAsync(gateway.Url + "/dashboard/login");
        await page.FillAsync("[name=key]", gateway.AdminKey);
        await page.ClickAsync("button[type=submit]");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Overview");
        await page.GotoAsync(gateway.Url + "/dashboard/requests");
        await page.FillAsync("#f-model", "never-asked-for");
        await page.ClickAsync("form.filters button[type=submit]");
        await Expect(page.Locator("main")).ToContainTextAsync("No request fits");
        await page.GotoAsync(gateway.Url + "/dashboard/teams");
        await page.GetByRole(AriaRole.Link, new() { Name = "New team" }).ClickAsync();
        await page.FillAsync("#new-id", "no-scripts");
        await page.FillAsync("#new-name", "No scripts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the team" }).ClickAsync();
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("The team is made");
    }

    [Fact]
    public async Task Figures_and_times_are_in_the_readers_locale_and_zone()
    {
        var page = await gateway.LoggedInAsync(locale: "de-DE");
        await page.GotoAsync(gateway.Url + "/dashboard/models?price=openai/gpt-4o");
        await Expect(page.Locator(".stat-value data").First).ToHaveTextAsync(GermanDollars());
    }

    [Fact]
    public async Task Somebody_who_may_only_look_is_shown_no_forms_and_logs_out()
    {
        var page = await gateway.PageAsync();
        var key = (await gateway.ApiAsync(HttpMethod.Post, "/api/admin-keys", new { name = "Looking", role = "viewer" }))["key"]!.GetValue<string>();
        page = await gateway.LoggedInAsync(key);
        await page.GotoAsync(gateway.Url + "/dashboard/keys");
        await Expect(page.Locator("main")).Not.ToContainTextAsync("New key");
        await Expect(page.Locator(".side-nav")).Not.ToContainTextAsync("Audit");
        await page.GotoAsync(gateway.Url + "/dashboard/audit");
        await Expect(page.Locator("h1")).ToHaveTextAsync("This is not for your role");

        await page.GotoAsync(gateway.Url + "/dashboard/keys");
        await page.ClickAsync("[title='Log out']");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Log in");
        await page.GotoAsync(gateway.Url + "/dashboard/keys");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Log in");
    }

    [Fact]
    public async Task The_palette_opens_by_keyboard_and_goes_to_a_page()
    {
        var page = await gateway.LoggedInAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.FillAsync("#palette-input", "budg");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Budgets and limits");
    }

    [Fact]
    public async Task A_theme_is_kept_and_a_filter_changes_the_address_without_a_new_page()
    {
        var page = await gateway.LoggedInAsync();
        await page.ClickAsync("[title='Dark theme']");
        Assert.Equal("dark", await page.Locator("html").GetAttributeAsync("data-theme"));

        await page.GotoAsync(gateway.Url + "/dashboard/requests");
        await page.EvaluateAsync("window.stays = true");
        await page.FillAsync("#f-model", "never-asked-for");
        await page.ClickAsync("form.filters button[type=submit]");
        await page.WaitForURLAsync("**/dashboard/requests?model=never-asked-for");
        await Expect(page.Locator("main")).ToContainTextAsync("No request fits");
        Assert.True(await page.EvaluateAsync<bool>("window.stays === true"));
        await page.GoBackAsync();
        await Expect(page.Locator("#f-model")).ToHaveValueAsync("");
    }

    /// <summary>Loads a page anew until something stands on it.</summary>
    private async Task SeenAsync(IPage page, string address, ILocator wanted) => await Poll.UntilAsync(
        async () =>
        {
            await page.GotoAsync(gateway.Url + address);
            return await wanted.CountAsync() > 0;
        },
        () => $"{address} never had it.");

    private async Task TryAsync(IPage page, string key)
    {
        await page.GotoAsync(gateway.Url + "/dashboard/mcp");
        await page.FillAsync("#trial-keyId", key);
        await page.FillAsync("#trial-called", "counter__echo");
        await page.FillAsync("#trial-arguments", """{"text": "hello"}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try", Exact = true }).ClickAsync();
    }

    [GeneratedRegex("^gw-.{20,}")]
    private static partial Regex KeyShape();

    [GeneratedRegex(@"^\d+,\d\d\s\$$")]
    private static partial Regex GermanDollars();
}
