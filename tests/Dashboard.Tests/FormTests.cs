using System.Net;
using System.Net.Http.Json;
using Gateway.Dashboard.Pages.Guardrails;
using Gateway.Dashboard.Tests.Support;

namespace Gateway.Dashboard.Tests;

/// <summary>What forms do, without scripts.</summary>
public sealed class FormTests(World world) : IClassFixture<World>
{
    [Fact]
    public async Task A_form_without_the_sessions_token_or_from_another_site_changes_nothing()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/keys?new=1");
        var hidden = browser.HiddenOf("create");
        (string, string)[] without = [.. hidden.Where(f => f.Name != "_token"), ("name", "Forged")];
        await browser.PostAsync("/dashboard/keys", without);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.PostAsync("/dashboard/keys", [.. without, ("_token", "made-up")]);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.PostAsync("/dashboard/keys", [.. hidden, ("name", "Forged")], "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.PostAsync("/dashboard/keys", [.. hidden, ("name", "Forged")], "null");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        using var other = new Browser(world.Full);
        await other.LogInAsync(world.Roles["owner"]);
        await other.OpenAsync("/dashboard/keys?new=1");
        await other.PostAsync("/dashboard/keys", [.. hidden, ("name", "Forged")]);
        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        Assert.DoesNotContain("Forged", await other.OpenAsync("/dashboard/keys"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_is_carried_out_once()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/keys?new=1");
        (string, string)[] form = [.. browser.HiddenOf("create"), ("name", "Only one of me")];
        await browser.PostAsync("/dashboard/keys", form);
        Assert.Equal(HttpStatusCode.Created, browser.Status);
        await browser.PostAsync("/dashboard/keys", form);
        Assert.Equal(HttpStatusCode.Created, browser.Status);
        Assert.Single((await world.ApiAsync(HttpMethod.Get, "/api/keys?q=Only%20one%20of%20me"))["items"]!.AsArray());
    }

    [Fact]
    public async Task What_is_refused_is_said_beside_its_field_and_what_was_typed_stays()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/keys?new=1");
        var html = await browser.SendAsync("create", ("name", "Typed already"), ("teamId", "no-such-team"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("value=\"Typed already\"", html, StringComparison.Ordinal);
        Assert.Contains("names no team", html, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\"", html, StringComparison.Ordinal);
        await browser.SendAsync("create", ("name", "Typed already"), ("requestsPerMinute", "many"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("limits.requestsPerMinute", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_made_shown_once_blocked_rotated_and_deleted()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/keys?new=1");
        Assert.Contains("gw-", await browser.SendAsync("create", ("id", "passing"), ("name", "Passing")), StringComparison.Ordinal);
        var one = "/dashboard/keys/one?id=passing";
        Assert.Contains("enabled", await browser.OpenAsync(one), StringComparison.Ordinal);
        Assert.Contains("The key is blocked", await browser.SendAsync("block"), StringComparison.Ordinal);
        Assert.Contains("accepted again", await browser.SendAsync("unblock"), StringComparison.Ordinal);
        Assert.Contains("The new value", await browser.SendAsync("rotate", ("overlapSeconds", "60")), StringComparison.Ordinal);
        await browser.OpenAsync(one + "&edit=1");
        await browser.SendAsync("change", ("name", "Renamed"), ("tags", "a, b"), ("allowedModels", "large"), ("requestsPerMinute", "7"));
        var key = await world.ApiAsync(HttpMethod.Get, "/api/keys/passing");
        Assert.Equal(("Renamed", 2, 7), (key["name"]!.GetValue<string>(), key["tags"]!.AsArray().Count, key["limits"]!["requestsPerMinute"]!.GetValue<int>()));
        await browser.OpenAsync(one);
        Assert.Contains("The key is deleted", await browser.SendAsync("delete"), StringComparison.Ordinal);
        await browser.OpenAsync(one);
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    [Fact]
    public async Task An_entry_is_made_changed_and_deleted_by_its_form_and_a_change_meanwhile_is_not_lost()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/budgets?kind=budgets&new=1");
        await browser.SendAsync("create", ("id", "weekly"), ("name", "Weekly"), ("limitNanoUsd", "12.5"), ("window", "Week"), ("alertPercents", "[80, 100]"));
        var budget = await world.ApiAsync(HttpMethod.Get, "/api/budgets/weekly");
        Assert.Equal((12_500_000_000, "Week", 2), (budget["limitNanoUsd"]!.GetValue<long>(), budget["window"]!.GetValue<string>(), budget["alertPercents"]!.AsArray().Count));

        await browser.OpenAsync("/dashboard/budgets?kind=budgets&id=weekly");
        await world.ApiAsync(HttpMethod.Patch, "/api/budgets/weekly", new { name = "Changed meanwhile" });
        await browser.SendAsync("change", ("name", "Mine"), ("limitNanoUsd", "1"), ("window", "Week"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, browser.Status);
        await browser.OpenAsync("/dashboard/budgets?kind=budgets&id=weekly");
        await browser.SendAsync("change", ("name", "Mine"), ("limitNanoUsd", "1"), ("window", "Week"));
        Assert.Equal("Mine", (await world.ApiAsync(HttpMethod.Get, "/api/budgets/weekly"))["name"]!.GetValue<string>());
        await browser.OpenAsync("/dashboard/budgets?kind=budgets&id=weekly");
        Assert.Contains("is deleted", await browser.SendAsync("delete"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_do_a_thing_is_not_offered_it_and_is_refused_when_he_asks_all_the_same()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["viewer"]);
        var html = await browser.OpenAsync("/dashboard/keys?new=1");
        Assert.DoesNotContain("name=\"do\" value=\"create\"", html, StringComparison.Ordinal);
        await browser.PostAsync("/dashboard/keys", [("_token", browser.HiddenToken), ("do", "create"), ("name", "Not mine to make")]);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        using var lead = new Browser(world.Full);
        await lead.LogInAsync(world.Roles["teamAdmin"]);
        html = await lead.OpenAsync("/dashboard/keys");
        Assert.Contains("Web app", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Other app", html, StringComparison.Ordinal);
        await lead.OpenAsync("/dashboard/keys/one?id=other-app");
        Assert.Equal(HttpStatusCode.NotFound, lead.Status);
    }

    [Fact]
    public async Task A_tool_that_waits_is_approved_as_it_was_shown()
    {
        await world.ApiAsync(HttpMethod.Post, "/api/mcp/servers", new { id = "files", url = "https://mcp.example.com/mcp" });
        const string definition = """{"name":"read_file","description":"Reads a file.","inputSchema":{"type":"object"}}""";
        using var told = await world.Full.Internal.PostAsJsonAsync(
            "/internal/mcp/tools", new { hubId = "hub", servers = (object[])[new { serverId = "files", tools = (object[])[new { name = "read_file", definition }] }] }, TestContext.Current.CancellationToken);
        Assert.True(told.IsSuccessStatusCode, await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        Assert.Contains("read_file", await browser.OpenAsync("/dashboard/mcp?state=new"), StringComparison.Ordinal);
        await browser.OpenAsync("/dashboard/mcp?state=new&tool=files/read_file");
        Assert.Contains("is approved", await browser.SendAsync("approve-tool"), StringComparison.Ordinal);
        Assert.Equal("Approved", (await world.ApiAsync(HttpMethod.Get, "/api/mcp/tools/files/read_file"))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_bill_is_imported_and_what_differs_is_taken_over()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/reconciliation");
        var day = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        var lines = string.Join('\n', new[] { day.AddDays(-1), day }.Select(d => $"{d:yyyy-MM-dd},1.00,large,input,4000"));
        Assert.Contains("line 2", await browser.SendFileAsync("import", "file", "date,amount\nnever,much\n", ("source", "csv"), ("provider", "sim")), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.OpenAsync("/dashboard/reconciliation");
        Assert.Contains("The bill is imported: 2 lines", await browser.SendFileAsync("import", "file", "date,amount,model,unit,quantity\n" + lines + "\n", ("source", "csv"), ("provider", "sim")), StringComparison.Ordinal);
        Assert.Contains("Day by day", browser.Html, StringComparison.Ordinal);
        Assert.Contains("records are corrected", await browser.SendAsync("adjust", ("provider", "sim"), ("reason", "the bill"), ("price", "true")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_of_the_ring_seals_and_the_old_one_is_taken_out()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/keyring");
        Assert.Contains("A new key seals from now on", await browser.SendAsync("rotate"), StringComparison.Ordinal);
        var ring = await world.ApiAsync(HttpMethod.Get, "/api/keyring");
        Assert.Equal(2, ring["keys"]!.AsArray().Count);
        await Eventually(async () => (await world.ApiAsync(HttpMethod.Get, "/api/keyring"))["settled"]!.GetValue<bool>());
        await browser.OpenAsync("/dashboard/keyring");
        Assert.Contains("taken out of the ring", await browser.SendAsync("retire"), StringComparison.Ordinal);
        Assert.Single((await world.ApiAsync(HttpMethod.Get, "/api/keyring"))["keys"]!.AsArray());

        using var auditor = new Browser(world.Full);
        await auditor.LogInAsync(world.Roles["auditor"]);
        Assert.DoesNotContain("value=\"rotate\"", await auditor.OpenAsync("/dashboard/keyring"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_of_tokens_is_made_by_its_form()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/issuers?new=1");
        await browser.SendAsync("create", ("id", "company"), ("name", "Company login"), ("issuer", "https://login.example.com/"), ("audiences", "gateway, other"), ("keyId", "web-app"), ("teams", "{\"R&D\": \"web\"}"), ("enabled", "true"));
        Assert.Contains("The issuer is made", browser.Html, StringComparison.Ordinal);
        var issuer = await world.ApiAsync(HttpMethod.Get, "/api/issuers/company");
        Assert.Equal((2, "web"), (issuer["audiences"]!.AsArray().Count, issuer["teams"]!["R&D"]!.GetValue<string>()));
    }

    private static async Task Eventually(Func<Task<bool>> condition) => await Gateway.EndToEnd.Hosting.Poll.UntilAsync(condition, () => "It never came about.");

    [Theory]
    [InlineData("mail ada@example.com now", "mail [EMAIL] now", "ada@example.com")]
    [InlineData("ada@example.com", "[EMAIL]", "ada@example.com")]
    [InlineData("a@b.cc and d@e.ff.", "[EMAIL] and [EMAIL].", "a@b.cc|d@e.ff")]
    [InlineData("nothing", "nothing", "")]
    [InlineData("something", "else entirely", "")]
    public void What_was_found_is_marked_where_it_stands(string text, string redacted, string found)
    {
        var pieces = GuardrailsPage.Marked(text, redacted);
        Assert.Equal(text, string.Concat(pieces.Select(p => p.Text)));
        Assert.Equal(found, string.Join('|', pieces.Where(p => p.Kind.Length > 0).Select(p => p.Text)));
    }
}
