using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;
using Gateway.Tests.Tokens;

namespace Gateway.Governance.Tests.Access;

public sealed class LoginOnSqliteTests() : LoginTests(null);

public sealed class LoginOnPostgresTests(PostgresServer server) : LoginTests(server);

public abstract class LoginTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Public = "http://gateway.test";

    [Fact]
    public async Task A_person_logs_in_with_the_role_of_his_group_and_logs_out()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(issuer);
        issuer.NextLogin = new JsonObject { ["sub"] = "ada", ["name"] = "Ada", ["groups"] = new JsonArray("staff", "platform") };
        using var browser = Browser(instance);
        Assert.Equal("/keys", await LogInAsync(browser, "/keys"));

        var self = await DoAsync(browser, HttpMethod.Get, "/api/me");
        Assert.Equal(("oidc:ada", "Ada", "admin"), (self["id"]!.GetValue<string>(), self["name"]!.GetValue<string>(), self["role"]!.GetValue<string>()));
        var session = Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, "/api/sessions"))["items"]!.AsArray())!;
        Assert.Equal("oidc:ada", session["subject"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(browser, HttpMethod.Post, "/api/teams", new { name = "no origin" })).Status);
        browser.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(browser, HttpMethod.Post, "/api/teams", new { name = "foreign origin" })).Status);
        browser.DefaultRequestHeaders.Remove("Origin");
        browser.DefaultRequestHeaders.Add("Origin", Public);
        await DoAsync(browser, HttpMethod.Post, "/api/teams", new { name = "own origin" });

        Assert.StartsWith($"{issuer.Name}/end?", (await DoAsync(browser, HttpMethod.Post, "/api/auth/logout"))["logoutUrl"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(browser, HttpMethod.Get, "/api/me")).Status);
    }

    [Fact]
    public async Task A_session_that_is_revoked_is_over()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(issuer);
        issuer.NextLogin = new JsonObject { ["sub"] = "ada", ["groups"] = "platform" };
        using var browser = Browser(instance);
        await LogInAsync(browser, "//evil.example");
        var session = Assert.Single((await DoAsync(instance.Admin, HttpMethod.Get, "/api/sessions"))["items"]!.AsArray())!;
        await DoAsync(instance.Admin, HttpMethod.Delete, $"/api/sessions/{session["id"]}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(browser, HttpMethod.Get, "/api/me")).Status);
    }

    [Theory]
    [InlineData("""{"groups":"nobody"}""", "no_role", HttpStatusCode.Forbidden)]
    [InlineData("""{"groups":"platform","nonce":"another"}""", "login_token", HttpStatusCode.BadRequest)]
    [InlineData("""{"groups":"platform","aud":"another"}""", "login_token", HttpStatusCode.BadRequest)]
    [InlineData("""{"groups":"platform","iss":"https://evil.example"}""", "login_token", HttpStatusCode.BadRequest)]
    [InlineData("""{"groups":"platform","exp":1000}""", "login_token", HttpStatusCode.BadRequest)]
    [InlineData("""{"groups":"leads"}""", "no_role", HttpStatusCode.Forbidden)]
    public async Task A_login_that_does_not_fit_makes_no_session(string claims, string code, HttpStatusCode status)
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(issuer);
        issuer.NextLogin = JsonNode.Parse(claims)!.AsObject();
        issuer.NextLogin["sub"] = "eve";
        using var browser = Browser(instance);
        var (_, callback) = await ToCallbackAsync(browser, "/");
        var (answered, problem, _) = await SendAsync(browser, HttpMethod.Get, callback);
        Assert.Equal((status, code), (answered, problem["code"]!.GetValue<string>()));
        Assert.Empty((await DoAsync(instance.Admin, HttpMethod.Get, "/api/sessions"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_callback_of_another_browser_or_a_second_time_is_refused()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(issuer);
        issuer.NextLogin = new JsonObject { ["sub"] = "ada", ["groups"] = "platform" };
        using var victim = Browser(instance);
        using var attacker = Browser(instance);
        var (_, callback) = await ToCallbackAsync(attacker, "/");
        await ToCallbackAsync(victim, "/");
        Assert.Equal("login_state", (await SendAsync(victim, HttpMethod.Get, callback)).Body["code"]!.GetValue<string>());
        using (var done = await attacker.GetAsync(callback, Cancellation))
        {
            Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        }

        Assert.Equal("login_state", (await SendAsync(attacker, HttpMethod.Get, callback)).Body["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_program_calls_with_a_token_for_the_api_and_not_with_one_for_the_login()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(issuer);
        using var program = instance.With(issuer.Token(new JsonObject { ["aud"] = "admin-api", ["sub"] = "ci", ["groups"] = "leads", ["team"] = "red" }));
        var self = await DoAsync(program, HttpMethod.Get, "/api/me");
        Assert.Equal(("teamAdmin", "red"), (self["role"]!.GetValue<string>(), self["teamIds"]![0]!.GetValue<string>()));
        using var wrong = instance.With(issuer.Token(new JsonObject { ["aud"] = "dashboard", ["groups"] = "platform" }));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(wrong, HttpMethod.Get, "/api/me")).Status);
        using var unsigned = instance.With(issuer.Token(new JsonObject { ["aud"] = "admin-api", ["groups"] = "platform" }, "none"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(unsigned, HttpMethod.Get, "/api/me")).Status);
    }

    private Task<Instance> StartAsync(TokenIssuer issuer) => StartAsync(settings: new Dictionary<string, string?>
    {
        ["Gateway:PublicUrl"] = Public,
        ["Gateway:Oidc:Issuer"] = issuer.Name,
        ["Gateway:Oidc:ClientId"] = "dashboard",
        ["Gateway:Oidc:ClientSecret"] = "a-secret-of-the-tests",
        ["Gateway:Oidc:ApiAudience"] = "admin-api",
        ["Gateway:Oidc:Roles"] = "platform=admin; leads=teamAdmin",
        ["Gateway:Oidc:TeamClaim"] = "team",
    });

    private static HttpClient Browser(Instance instance)
        => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true }) { BaseAddress = instance.Address, DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("text/html") } } };

    // As a browser does: to the issuer and back. The address that browsers know is not one that the test can call.
    private static async Task<(string State, string Callback)> ToCallbackAsync(HttpClient browser, string returnTo)
    {
        using var begun = await browser.GetAsync($"/api/auth/login?returnTo={Uri.EscapeDataString(returnTo)}", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, begun.StatusCode);
        Assert.Contains(begun.Headers.GetValues("Set-Cookie"), c => c.Contains("httponly", StringComparison.OrdinalIgnoreCase) && c.Contains("samesite=lax", StringComparison.OrdinalIgnoreCase));
        using var issued = await browser.GetAsync(begun.Headers.Location, Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, issued.StatusCode);
        var back = issued.Headers.Location!;
        Assert.StartsWith(Public + "/api/auth/callback", back.ToString(), StringComparison.Ordinal);
        return (back.Query, back.PathAndQuery);
    }

    private static async Task<string> LogInAsync(HttpClient browser, string returnTo)
    {
        var (_, callback) = await ToCallbackAsync(browser, returnTo);
        using var done = await browser.GetAsync(callback, Cancellation);
        Assert.True(done.StatusCode == HttpStatusCode.Redirect, await done.Content.ReadAsStringAsync(Cancellation));
        return done.Headers.Location!.ToString();
    }
}
