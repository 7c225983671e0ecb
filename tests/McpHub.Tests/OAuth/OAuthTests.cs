using System.Net;
using System.Text;
using Gateway.McpHub.Tests.Support;

namespace Gateway.McpHub.Tests.OAuth;

/// <summary>The hub as a client of authorization servers: discovery, registration, PKCE, tokens for each user, renewal.</summary>
public sealed class OAuthTests : IAsyncLifetime
{
    private AuthorizationFixture server = null!;
    private HubFixture hub = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await AuthorizationFixture.StartAsync();
        hub = await HubFixture.StartAsync(Servers);
    }

    public async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await server.DisposeAsync();
    }

    private string Servers => $$$"""{"id":"mine","url":"{{{server.Url}}}","oAuth":{"perUser":true}},{"id":"ours","url":"{{{server.Url}}}","oAuth":{}}""";

    [Fact]
    public async Task Each_user_signs_in_with_PKCE_and_has_his_own_token_which_is_renewed_and_outlives_the_hub()
    {
        var (ada, bob) = (await hub.BeginAsync("/mcp/mine", caller: "key-1"), await hub.BeginAsync("/mcp/mine", caller: "key-2"));
        Assert.Equal((HttpStatusCode.OK, true), await SignInAsync(hub, await AddressAsync(hub, ada, "key-1"), "ada"));
        Assert.Equal("ada", await WhoAsync(hub, ada, "key-1"));

        // Nobody acts with another's account, and the hub registers once.
        Assert.Equal((HttpStatusCode.OK, true), await SignInAsync(hub, await AddressAsync(hub, bob, "key-2"), "bob"));
        Assert.Equal("bob", await WhoAsync(hub, bob, "key-2"));
        Assert.Equal("ada", await WhoAsync(hub, ada, "key-1"));
        Assert.Equal(1, server.Count("register"));
        Assert.Equal(2, server.Count("authorization_code"));

        // What runs out is renewed, and what was renewed once is renewed again.
        for (var i = 1; i <= 2; i++)
        {
            server.Tokens.TryRemove(server.Tokens.Single(t => t.Value == "ada").Key, out _);
            Assert.Equal("ada", await WhoAsync(hub, ada, "key-1"));
            Assert.Equal(i, server.Count("refresh_token"));
        }

        var folder = Path.Combine(hub.Folder, "data");
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Encoding.Latin1.GetString(File.ReadAllBytes(f))),
            f => f.Contains("at-ada", StringComparison.Ordinal) || f.Contains("rt-ada", StringComparison.Ordinal) || f.Contains("secret-1", StringComparison.Ordinal));
        Assert.DoesNotContain("at-ada", hub.Service.Output, StringComparison.Ordinal);
        await using var later = await HubFixture.StartAsync(Servers, ("Gateway:DataDirectory", folder));
        Assert.Equal("ada", await WhoAsync(later, await later.BeginAsync("/mcp/mine", caller: "key-1"), "key-1"));
        Assert.Equal(1, server.Count("register"));
    }

    [Fact]
    public async Task The_hub_has_a_token_of_its_own_where_users_have_none()
    {
        var session = await hub.BeginAsync("/mcp/ours");

        Assert.Equal("hub", await WhoAsync(hub, session, "key-1", "/mcp/ours"));
        server.Tokens.Clear();
        Assert.Equal("hub", await WhoAsync(hub, session, "key-1", "/mcp/ours"));
        Assert.InRange(server.Count("client_credentials"), 2, 3);
        Assert.Equal(0, server.Count("authorization_code"));
    }

    [Fact]
    public async Task Nothing_is_connected_by_an_answer_of_another_issuer_or_twice()
    {
        var session = await hub.BeginAsync("/mcp/mine");
        var address = await AddressAsync(hub, session, "key-1");
        server.AnsweredIssuer = "https://evil.example";
        Assert.Equal((HttpStatusCode.BadRequest, false), await SignInAsync(hub, address, "eve"));
        server.AnsweredIssuer = null;

        // Its state was used up; another address is given.
        Assert.Equal((HttpStatusCode.BadRequest, false), await SignInAsync(hub, address, "eve"));
        var again = await AddressAsync(hub, session, "key-1");
        Assert.NotEqual(address, again);
        Assert.Equal((HttpStatusCode.OK, true), await SignInAsync(hub, again, "ada"));
        Assert.Equal("ada", await WhoAsync(hub, session, "key-1"));
    }

    [Theory]
    [InlineData(false, "PKCE")]
    [InlineData(true, "another resource")]
    public async Task A_server_without_PKCE_or_with_metadata_of_another_resource_is_not_used(bool isForeign, string sentence)
    {
        server.ChallengeMethods = isForeign ? ["S256"] : ["plain"];
        server.Resource = isForeign ? "https://other.example/mcp" : null;

        var reply = await hub.AskAsync("/mcp/mine", await hub.BeginAsync("/mcp/mine"), "tools/list");

        Assert.Equal("Unauthorized", (string?)reply["error"]!["data"]!["fault"]);
        Assert.Contains(sentence, (string?)reply["error"]!["message"], StringComparison.Ordinal);
        Assert.Null(reply["error"]!["data"]!["connectAt"]);
        Assert.Equal(0, server.Count("authorization_code"));
    }

    private static async Task<string> AddressAsync(HubFixture hub, string session, string caller)
    {
        var reply = await hub.AskAsync("/mcp/mine", session, "tools/list", caller: caller);
        return (string?)reply["error"]?["data"]?["connectAt"] ?? throw new InvalidOperationException(reply.ToJsonString());
    }

    private static async Task<string?> WhoAsync(HubFixture hub, string session, string caller, string path = "/mcp/mine")
    {
        var reply = await hub.AskAsync(path, session, "tools/call", """{"name":"who"}""", caller: caller);
        return (string?)reply["result"]?["content"]?[0]?["text"] ?? throw new InvalidOperationException(reply.ToJsonString());
    }

    // As a browser does: to the authorization server, and back to the hub.
    private static async Task<(HttpStatusCode Status, bool IsConnected)> SignInAsync(HubFixture hub, string address, string login)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using var sent = await browser.GetAsync(new Uri($"{address}&login={login}"), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        using var back = await browser.GetAsync(new Uri(hub.Service.Client.BaseAddress!, sent.Headers.Location!.PathAndQuery), Cancel);
        return (back.StatusCode, (await back.Content.ReadAsStringAsync(Cancel)).Contains("You are connected", StringComparison.Ordinal));
    }
}
