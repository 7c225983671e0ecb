using System.Net;
using System.Text.RegularExpressions;
using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Tests.Support;

namespace Gateway.Dashboard.Tests;

/// <summary>Every page, as a browser without scripts gets it.</summary>
public sealed partial class PageTests(World world) : IClassFixture<World>
{
    private static readonly string[] _roles = ["owner", "admin", "auditor", "viewer", "teamAdmin", "teamViewer", "keyHolder"];

    // Pages of one thing need to be told which.
    private static readonly Dictionary<string, string> _examples = new(StringComparer.Ordinal)
    {
        ["requests/{id}"] = "requests/" + World.RecordId(2),
        ["keys/one"] = "keys/one?id=web-app",
        ["budgets/one"] = "budgets/one?id=monthly",
        ["teams/one"] = "teams/one?kind=teams&id=web",
        ["guardrails/one"] = "guardrails/one?id=personal",
        ["routes/one"] = "routes/one?id=large",
        ["providers/one"] = "providers/one?id=sim",
    };

    public static TheoryData<string> Patterns => [.. PageTable.All.Select(p => p.Pattern)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Every_page_is_drawn_with_data_and_without_for_whoever_may_see_it(string pattern)
    {
        var page = PageTable.All.Single(p => p.Pattern == pattern);
        foreach (var role in _roles)
        {
            using var browser = new Browser(world.Full);
            await browser.LogInAsync(world.Roles[role]);
            await browser.OpenAsync(AddressOf(page));
            var mayPass = browser.Status == HttpStatusCode.OK;
            Assert.True(
                mayPass || browser.Status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound,
                $"{role} {pattern}: {browser.Status} {world.Full.Log[^Math.Min(3000, world.Full.Log.Length)..]}");
            Assert.True(mayPass || role is not ("owner" or "admin"), $"{role} is refused {pattern}.");
            Assert.DoesNotContain("sk-hidden-from-everybody", browser.Html, StringComparison.Ordinal);
        }

        using var first = new Browser(world.Empty);
        await first.LogInAsync(await File.ReadAllTextAsync(world.Empty.AdminKeyFile, TestContext.Current.CancellationToken));
        await first.OpenAsync(AddressOf(page));
        Assert.True(first.Status == HttpStatusCode.OK || (_examples.ContainsKey(pattern) && first.Status == HttpStatusCode.NotFound), $"{pattern} without data: {first.Status}");
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public async Task Every_page_holds_to_the_policy_that_it_is_sent_with(string pattern)
    {
        var page = PageTable.All.Single(p => p.Pattern == pattern);
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        var html = await browser.OpenAsync(AddressOf(page));

        var policy = browser.Last!.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(InlineStyle(), html);
        Assert.DoesNotMatch(InlineScript(), html);
        Assert.DoesNotMatch(EventAttribute(), html);
        var loaded = Loaded().Matches(html).Select(m => m.Groups[1].Value).ToList();
        Assert.All(loaded, address => Assert.StartsWith("/dashboard/assets/", address, StringComparison.Ordinal));
        Assert.True(loaded.Count <= 4, $"{pattern} takes {loaded.Count + 1} requests to draw.");
        Assert.Equal("no-store", browser.Last.Headers.CacheControl!.ToString());

        // Every form that changes something brings the session's token along.
        Assert.All(PostForm().Matches(html).Select(m => m.Value).Where(f => !f.Contains("/dashboard/theme", StringComparison.Ordinal)), form => Assert.Contains("name=\"_token\"", form, StringComparison.Ordinal));
        Assert.Equal(1, Heading().Count(html));
    }

    [Fact]
    public async Task Without_a_login_every_page_leads_to_the_login_and_back()
    {
        using var browser = new Browser(world.Full);
        foreach (var page in PageTable.All)
        {
            var html = await browser.OpenAsync(AddressOf(page));
            Assert.Contains("<h1>Log in</h1>", html, StringComparison.Ordinal);
        }

        await browser.OpenAsync("/dashboard?range=7d");
        await browser.SendAsync(null, ("key", world.Roles["owner"]));
        Assert.Equal("/dashboard?range=7d", browser.Last!.RequestMessage!.RequestUri!.PathAndQuery);
    }

    [Fact]
    public async Task An_address_that_is_none_says_so()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        await browser.OpenAsync("/dashboard/no-such-page");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.Contains("There is no such page", browser.Html, StringComparison.Ordinal);
        await browser.OpenAsync("/dashboard/assets/000000000000/no-such-file.js");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
    }

    private static string AddressOf(DashboardPage page) => $"/dashboard/{_examples.GetValueOrDefault(page.Pattern, page.Pattern)}".TrimEnd('/');

    [GeneratedRegex("<style|\\sstyle=\"")]
    private static partial Regex InlineStyle();

    [GeneratedRegex("<script(?![^>]*\\ssrc=)")]
    private static partial Regex InlineScript();

    [GeneratedRegex("<[^>]*\\son[a-z]+=\"")]
    private static partial Regex EventAttribute();

    [GeneratedRegex("<(?:script|link rel=\"stylesheet\")[^>]*(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Loaded();

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex PostForm();

    [GeneratedRegex("<h1[ >]")]
    private static partial Regex Heading();
}
