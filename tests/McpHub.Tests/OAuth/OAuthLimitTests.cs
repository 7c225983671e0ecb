using Gateway.McpHub.Auth;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Tests.Support;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Tests.OAuth;

/// <summary>Authorization servers that say no, or whose tokens do not hold: they are not asked as often as callers try.</summary>
public sealed class OAuthLimitTests : IAsyncLifetime
{
    private AuthorizationFixture server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await AuthorizationFixture.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Tokens_that_are_never_taken_are_asked_for_a_few_times()
    {
        server.RefusesTokens = 401;
        await using var direct = Direct(isPerUser: false);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(UpstreamFaultKind.Unauthorized, (await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault?.Kind);
            direct.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(server.Count("client_credentials"), 1, 4);
        Assert.Equal(1, server.Count("register"));
    }

    [Fact]
    public async Task A_renewal_that_fails_is_not_tried_by_every_call()
    {
        server.RefusesRefresh = true;
        await using var direct = Direct(isPerUser: true);
        var (access, refresh) = server.Give("ada");
        direct.Store.Save($"token s {server.Url} k", GrantOf(access, refresh) with { ExpiresAt = direct.Clock.GetUtcNow() });
        for (var i = 0; i < 30; i++)
        {
            Assert.True((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).IsResult);
        }

        Assert.Equal(1, server.Count("refresh_token"));
        direct.Clock.Advance(TimeSpan.FromSeconds(2));
        await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel);
        Assert.Equal(2, server.Count("refresh_token"));
    }

    [Fact]
    public async Task A_token_that_lives_for_seconds_is_not_renewed_by_every_call()
    {
        server.ExpiresIn = 8;
        await using var direct = Direct(isPerUser: true);
        var (access, refresh) = server.Give("ada");
        direct.Store.Save($"token s {server.Url} k", GrantOf(access, refresh) with { ExpiresAt = direct.Clock.GetUtcNow() });
        for (var i = 0; i < 20; i++)
        {
            Assert.True((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).IsResult);
        }

        Assert.Equal(1, server.Count("refresh_token"));
        direct.Clock.Advance(TimeSpan.FromSeconds(7));
        Assert.True((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).IsResult);
        Assert.Equal(2, server.Count("refresh_token"));
    }

    [Fact]
    public async Task Nobody_is_sent_to_sign_in_without_end_for_rights_that_he_does_not_get()
    {
        server.RefusesTokens = 403;
        await using var direct = Direct(isPerUser: true);
        var (access, refresh) = server.Give("ada");
        direct.Store.Save($"token s {server.Url} k", GrantOf(access, refresh));
        HashSet<string> addresses = [];
        for (var minute = 0; minute < 20; minute++)
        {
            if ((await direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel)).Fault?.ConnectAt is { } address)
            {
                addresses.Add(address.Query);
            }

            direct.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        // Twice in ten minutes, and then again.
        Assert.InRange(addresses.Count, 3, 4);
    }

    [Fact]
    public async Task Many_calls_at_once_register_once_and_are_told_the_same_address()
    {
        await using var direct = Direct(isPerUser: true);

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => direct.Upstream.SendAsync(DirectUpstream.Request(), Cancel).AsTask()));

        Assert.Single(replies.Select(r => r.Fault!.ConnectAt).Distinct());
        Assert.Equal(1, server.Count("register"));
    }

    private DirectUpstream Direct(bool isPerUser) => new(new UpstreamSettings { Id = "s", Url = server.Url, OAuth = new OAuthSettings { PerUser = isPerUser } });

    private Grant GrantOf(string access, string refresh) => new()
    {
        Issuer = server.Url[..^4], ClientId = "client-0", ClientSecret = "x", ClientAuth = "client_secret_basic", TokenEndpoint = server.Url[..^4] + "/token", Resource = server.Url, AccessToken = access, RefreshToken = refresh,
    };
}
