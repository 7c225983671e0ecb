using System.Globalization;
using System.Text.Json;
using Gateway.Dashboard.Hosting;
using Microsoft.Playwright;

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>How pages look: pictures of each for people, and what a machine can tell of them.</summary>
public sealed class LookTests(WholeGateway gateway)
{
    private static readonly (string Name, int Width, ColorScheme Scheme)[] _looks =
        [("light", 1400, ColorScheme.Light), ("dark", 1400, ColorScheme.Dark), ("narrow", 390, ColorScheme.Light)];

    [Fact]
    public async Task Every_page_is_drawn_in_both_themes_and_narrow_and_nothing_serious_is_wrong_with_it()
    {
        var page = await gateway.LoggedInAsync();
        await FillAsync();
        var wrong = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("404", StringComparison.Ordinal))
            {
                wrong.Add($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => wrong.Add($"{page.Url}: {error}");
        var axe = Chromium.Axe;
        foreach (var shown in PageTable.All.Where(p => !p.Pattern.Contains('{', StringComparison.Ordinal) && p.Pattern != "keys/one"))
        {
            foreach (var (name, width, scheme) in _looks)
            {
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
                var requests = 0;
                void Count(object? sender, IRequest request) => requests++;
                page.Request += Count;
                await page.GotoAsync(gateway.Url + shown.Address, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
                page.Request -= Count;
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Chromium.Artefacts, $"{(shown.Pattern.Length == 0 ? "overview" : shown.Pattern.Replace('/', '-'))}-{name}.png"), FullPage = true });
                if (requests > 5)
                {
                    wrong.Add($"{shown.Address} {name}: {requests.ToString(CultureInfo.InvariantCulture)} requests");
                }

                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") is > 0 and var over)
                {
                    wrong.Add($"{shown.Address} {name}: wider than the screen by {over}");
                }

                if (axe is not null)
                {
                    wrong.AddRange((await AxeAsync(page, axe)).Select(v => $"{shown.Address} {name}: {v}"));
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.SkipWhen(axe is null, "drawn and looked at, but axe-core is not installed: npm ci in tests/Dashboard.Tests/browser");
    }

    private static async Task<IEnumerable<string>> AxeAsync(IPage page, string axe)
    {
        var found = await page.EvaluateAsync<string>(
            axe + "; axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))))");
        return JsonSerializer.Deserialize<string[]>(found)!;
    }

    private async Task FillAsync()
    {
        await gateway.ApiAsync(HttpMethod.Post, "/api/budgets", new { id = "looks", name = "Looks", limitNanoUsd = 1_000_000_000 });
        await gateway.ApiAsync(HttpMethod.Post, "/api/teams", new { id = "looks", name = "Looks", budgetIds = (string[])["looks"] });
        await gateway.ApiAsync(HttpMethod.Post, "/api/guardrails", new { id = "looks", rules = (object[])[new { detector = "pii", action = "flag" }] });
        var made = await gateway.ApiAsync(HttpMethod.Post, "/api/keys", new { name = "Looks", tags = (string[])["env:test"] });
        for (var i = 0; i < 12; i++)
        {
            await gateway.CallAsync(made["key"]!.GetValue<string>(), "demo", $"Hello {i}");
        }
    }
}
