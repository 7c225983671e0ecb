using System.Globalization;
using System.Text.Json;
using Gateway.Benchmarks.Traffic;
using Gateway.Dashboard.Hosting;
using Gateway.EndToEnd.Hosting;
using Microsoft.Playwright;

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>
/// How pages look: pictures of each for people, and what a machine can tell of them. <c>GATEWAY_LOOKS=10000</c> takes that many requests of traffic instead of a few hundred, and
/// pictures of every page in every form.
/// </summary>
public sealed class LookTests(WholeGateway gateway)
{
    private static readonly int _wanted = int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_LOOKS"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? wanted : 0;

    private static readonly Look[] _looks = [new("light", 1400, ColorScheme.Light), new("dark", 1400, ColorScheme.Dark), new("narrow", 390, ColorScheme.Light), new("narrow-dark", 390, ColorScheme.Dark)];

    [Fact]
    public async Task Every_page_is_drawn_in_both_themes_and_narrow_and_nothing_serious_is_wrong_with_it()
    {
        var page = await gateway.LoggedInAsync();
        await FillAsync();
        var wrong = new List<string>();
        Listen(page, wrong);
        foreach (var (pages, looks) in (IEnumerable<((string Name, string Address)[], Look[])>)[([.. Pages()], _looks[..3]), ([.. await DetailsAsync()], _looks[..1])])
        {
            foreach (var (name, address) in pages)
            {
                foreach (var look in _wanted > 0 ? _looks : looks)
                {
                    await LookAsync(page, gateway.Url + address, $"{name}-{look.Name}", look, wrong);
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.SkipWhen(Chromium.Axe is null, "drawn and looked at, but axe-core is not installed: npm ci in tests/Dashboard.Tests/browser");
    }

    [Fact]
    public async Task Every_page_is_drawn_with_nothing_in_it()
    {
        var url = gateway.Empty?.Address.GetLeftPart(UriPartial.Authority);
        var page = await gateway.LoggedInAsync(url is null ? null : (await File.ReadAllTextAsync(gateway.Empty!.AdminKeyFile, TestContext.Current.CancellationToken)).Trim(), url: url);
        var wrong = new List<string>();
        Listen(page, wrong);
        foreach (var (name, address) in Pages())
        {
            foreach (var look in _wanted > 0 ? _looks : _looks[..1])
            {
                await LookAsync(page, url + address, $"{name}-empty-{look.Name}", look, wrong);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string Name, string Address)> Pages()
        => PageTable.All.Where(p => !p.Pattern.Contains('{', StringComparison.Ordinal) && p.Pattern != "keys/one").Select(p => (p.Pattern.Length == 0 ? "overview" : p.Pattern.Replace('/', '-'), p.Address));

    private static async Task LookAsync(IPage page, string address, string name, Look look, List<string> wrong)
    {
        await page.SetViewportSizeAsync(look.Width, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = look.Scheme });
        var requests = 0;
        void Count(object? sender, IRequest request) => requests++;
        page.Request += Count;
        var answer = await page.GotoAsync(address, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        page.Request -= Count;
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Chromium.Artefacts, name + ".png"), FullPage = true });
        if (answer is not { Ok: true })
        {
            wrong.Add($"{name}: {answer?.Status.ToString(CultureInfo.InvariantCulture)}");
        }

        if (await page.Locator("main [role=alert]").CountAsync() > 0)
        {
            wrong.Add($"{name}: {await page.Locator("main [role=alert]").First.InnerTextAsync()}");
        }

        if (requests > 5)
        {
            wrong.Add($"{name}: {requests.ToString(CultureInfo.InvariantCulture)} requests");
        }

        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") is > 0 and var over)
        {
            wrong.Add($"{name}: wider than the screen by {over}");
        }

        if (Chromium.Axe is { } axe)
        {
            wrong.AddRange((await AxeAsync(page, axe)).Select(v => $"{name}: {v}"));
        }
    }

    private static void Listen(IPage page, List<string> wrong)
    {
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("404", StringComparison.Ordinal))
            {
                wrong.Add($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => wrong.Add($"{page.Url}: {error}");
    }

    private static async Task<IEnumerable<string>> AxeAsync(IPage page, string axe)
    {
        var found = await page.EvaluateAsync<string>(
            axe + "; axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))");
        return JsonSerializer.Deserialize<string[]>(found)!;
    }

    // Pages of one thing, and those that a form or a link opens on a page.
    private async Task<List<(string Name, string Address)>> DetailsAsync()
    {
        var details = new List<(string, string)>
        {
            ("keys-new", "/dashboard/keys?new=1"), ("budgets-one", "/dashboard/budgets?kind=budgets&id=research-month"), ("limits", "/dashboard/budgets?kind=limits"), ("channels", "/dashboard/budgets?kind=channels"),
            ("teams-one", "/dashboard/teams?kind=teams&id=research"), ("routes-one", "/dashboard/routes?kind=routes&id=assistant"), ("credentials", "/dashboard/providers?kind=credentials"),
            ("guardrails-one", "/dashboard/guardrails?kind=guardrails&id=personal-data"), ("overview-hour", "/dashboard?range=1h"), ("overview-team", "/dashboard?team=web"), ("overview-week", "/dashboard?range=7d"), ("requests-failed", "/dashboard/requests?failed=true"),
            ("mcp-import", "/dashboard/mcp?import=1"), ("mcp-tool", "/dashboard/mcp?tool=looks/echo"), ("reconciliation-import", "/dashboard/reconciliation?new=1"),
        };
        var keys = await gateway.ApiAsync(HttpMethod.Get, "/api/keys?limit=50");
        details.Add(("keys-one", $"/dashboard/keys/one?id={keys["items"]!.AsArray().First(k => k!["name"]!.GetValue<string>() == "Ticket helper")!["id"]!.GetValue<string>()}"));
        if ((await gateway.ApiAsync(HttpMethod.Get, "/api/cache/semantic"))["domains"]!.AsArray() is { Count: > 0 } domains)
        {
            details.Add(("cache-domain", $"/dashboard/cache?entries=1&domain={Uri.EscapeDataString(domains[0]!["domain"]!.GetValue<string>())}"));
        }

        foreach (var (name, query) in ((string, string)[])[("request", "route=assistant"), ("request-guarded", "route=fast"), ("request-failed", "route=broken&failed=true"), ("request-retried", "route=resilient")])
        {
            var found = await gateway.ApiAsync(HttpMethod.Get, $"/api/logs?limit=50&{query}");
            if (found["items"]!.AsArray() is { Count: > 0 } items)
            {
                details.Add((name, $"/dashboard/requests/{(items.FirstOrDefault(i => i!["hasDetail"]!.GetValue<bool>()) ?? items[0])!["id"]!.GetValue<string>()}"));
            }
        }

        return details;
    }

    private async Task FillAsync()
    {
        await using var tools = await ToolServer.StartAsync();
        await using var desk = await ToolDesk.StartAsync(TestContext.Current.CancellationToken);
        using var traffic = new SixKinds(gateway.Governance.Admin, new Uri(gateway.Url), gateway.Simulator.BaseUrl, desk.Address);
        await traffic.PrepareAsync(TestContext.Current.CancellationToken);
        await gateway.ApiAsync(HttpMethod.Patch, "/api/settings", new { requestLog = "Bodies", requestLogDetail = new { samplePercent = 50 } });
        await gateway.ApiAsync(HttpMethod.Post, "/api/mcp/servers", new { id = "looks", name = "Echo, not yet approved", url = tools.Address });
        await gateway.ApiAsync(HttpMethod.Post, "/api/issuers", new { id = "company", name = "Company login", issuer = "https://login.example.com/", audiences = (string[])["gateway"], keyId = (await FirstKeyAsync()) });
        var counts = await traffic.RunAsync(_wanted > 0 ? _wanted : 300, 32, TestContext.Current.CancellationToken);
        foreach (var kind in SixKinds.Kinds)
        {
            Assert.Equal(kind != "failing", counts.Any(c => c.Key.Kind == kind && c.Key.Status == 200));
        }

        var sent = counts.Where(c => c.Key.Status != 401 && c.Key.Kind != SixKinds.McpKind).Sum(c => c.Value);
        await Poll.UntilAsync(
            async () => (await gateway.ApiAsync(HttpMethod.Get, "/api/usage"))["total"]!["requests"]!.GetValue<long>() >= sent,
            () => "The requests never came into the ledger.");
        await Poll.UntilAsync(
            async () => (await gateway.ApiAsync(HttpMethod.Get, "/api/mcp/tools?server=looks"))["items"]!.AsArray().Count > 0,
            () => "The hub never told of the tool.");
        await ImportBillAsync();
    }

    private async Task ImportBillAsync()
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        using var bill = new StringContent($"date,amount,model,unit,quantity\n{today},2.50,large?tokens=60&latency=15&jitter=40&ttft=10&resume=1,output,250000\n{today},0.10,small?tokens=20&latency=4&jitter=10,output,160000\n", System.Text.Encoding.UTF8, "text/csv");
        using var answer = await gateway.Governance.Admin.PostAsync("/api/reconciliation/imports?source=csv&provider=northwind", bill, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> FirstKeyAsync() => (await gateway.ApiAsync(HttpMethod.Get, "/api/keys?limit=1"))["items"]![0]!["id"]!.GetValue<string>();

    private sealed record Look(string Name, int Width, ColorScheme Scheme);
}
