using System.Net;
using Gateway.Dashboard.Tests.Support;

namespace Gateway.Dashboard.Tests;

/// <summary>Who comes in, and for how long.</summary>
public sealed class SessionTests(World world) : IClassFixture<World>
{
    [Fact]
    public async Task The_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends_along_with_a_form()
    {
        using var browser = new Browser(world.Full);
        await browser.OpenAsync("/dashboard/login");
        var token = browser.HiddenToken;
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = browser.Cookies }) { BaseAddress = world.Full.Address };
        using var answer = await client.PostAsync(
            "/dashboard/login", new FormUrlEncodedContent([new("_token", token), new("key", world.Roles["owner"])]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("gateway-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("gwa-wrong")]
    [InlineData("gw-wrong")]
    [InlineData("")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public async Task A_key_that_is_none_opens_nothing(string key)
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(key);
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        await browser.OpenAsync("/dashboard");
        Assert.Contains("<h1>Log in</h1>", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_whose_form_another_site_made_is_refused()
    {
        using var browser = new Browser(world.Full);
        await browser.OpenAsync("/dashboard/login");
        var token = browser.HiddenToken;
        await browser.PostAsync("/dashboard/login", [("_token", token), ("key", world.Roles["owner"])], "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.PostAsync("/dashboard/login", [("_token", "made-up"), ("key", world.Roles["owner"])]);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
    }

    [Fact]
    public async Task A_logout_ends_the_session_for_every_copy_of_its_cookie()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["owner"]);
        var copied = browser.Cookies.GetCookieHeader(world.Full.Address);
        await browser.PostAsync("/dashboard/logout", [("_token", browser.HiddenToken)]);
        Assert.Contains("<h1>Log in</h1>", browser.Html, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me") { Headers = { { "Cookie", copied } } };
        using var answer = await world.Full.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_session_ends_with_the_key_that_began_it_and_has_its_rights_as_they_are_now()
    {
        var made = await world.ApiAsync(HttpMethod.Post, "/api/admin-keys", new { id = "passing", name = "Passing", role = "admin" });
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(made["key"]!.GetValue<string>());
        Assert.Contains("<small>admin</small>", browser.Html, StringComparison.Ordinal);

        await world.ApiAsync(HttpMethod.Patch, "/api/admin-keys/passing", new { role = "viewer" });
        await browser.OpenAsync("/dashboard");
        Assert.Contains("<small>viewer</small>", browser.Html, StringComparison.Ordinal);

        await world.ApiAsync(HttpMethod.Post, "/api/admin-keys/passing/rotate");
        await browser.OpenAsync("/dashboard");
        Assert.Contains("<h1>Log in</h1>", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_of_a_virtual_key_sees_its_requests_and_no_others()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.VirtualKey);
        var html = await browser.OpenAsync("/dashboard/requests");
        Assert.Contains($"/dashboard/requests/{World.RecordId(2)}", html, StringComparison.Ordinal);
        Assert.DoesNotContain($"/dashboard/requests/{World.RecordId(1)}", html, StringComparison.Ordinal);
        await browser.OpenAsync($"/dashboard/requests/{World.RecordId(1)}");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        Assert.DoesNotContain("/dashboard/audit", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/dashboard")]
    [InlineData("/\\evil.example")]
    [InlineData("/dashboard\r\nx: y")]
    public async Task A_login_leads_to_nowhere_else(string returnTo)
    {
        using var browser = new Browser(world.Full);
        await browser.OpenAsync("/dashboard/login?returnTo=" + Uri.EscapeDataString(returnTo));
        await browser.SendAsync(null, ("key", world.Roles["owner"]));
        Assert.Equal("/dashboard", browser.Last!.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task What_a_page_does_is_in_the_audit_log_under_the_name_of_who_did_it()
    {
        using var browser = new Browser(world.Full);
        await browser.LogInAsync(world.Roles["admin"]);
        await browser.OpenAsync("/dashboard/keys?new=1");
        await browser.SendAsync("create", ("name", "Made by a page"));
        Assert.Equal(HttpStatusCode.Created, browser.Status);
        var audit = (await world.ApiAsync(HttpMethod.Get, "/api/audit?limit=20"))["items"]!.AsArray();
        Assert.Contains(audit, row => row!["actor"]!.ToJsonString().Contains("admin-key:admin", StringComparison.Ordinal) && row.ToJsonString().Contains("Made by a page", StringComparison.Ordinal));
    }
}
