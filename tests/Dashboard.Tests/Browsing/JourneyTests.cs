using System.Text.RegularExpressions;
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
        await page.FillAsync("#f-model", "no-such-model");
        await page.ClickAsync("form.filters button[type=submit]");
        await page.WaitForURLAsync("**/dashboard/requests?model=no-such-model");
        await Expect(page.Locator("main")).ToContainTextAsync("No request fits");
        Assert.True(await page.EvaluateAsync<bool>("window.stays === true"));
        await page.GoBackAsync();
        await Expect(page.Locator("#f-model")).ToHaveValueAsync("");
    }

    [GeneratedRegex("^gw-.{20,}")]
    private static partial Regex KeyShape();

    [GeneratedRegex(@"^\d+,\d\d\s\$$")]
    private static partial Regex GermanDollars();
}
