using Gateway.Governance.Access;
using Gateway.Governance.Access.Login;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Gateway.Tests.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests.Access;

public sealed class SessionLifeOnSqliteTests() : SessionLifeTests(null);

public sealed class SessionLifeOnPostgresTests(PostgresServer server) : SessionLifeTests(server);

/// <summary>Sessions of browsers end by themselves.</summary>
public abstract class SessionLifeTests(PostgresServer? server) : GovernanceTests(server)
{
    private static readonly Actor _ada = new() { Id = "oidc:ada", Name = "Ada", Role = Role.TeamAdmin, TeamIds = ["red", "blue"] };

    [Fact]
    public async Task A_session_ends_when_nobody_uses_it()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var (sessions, time, life) = await StoreAsync(issuer);
        var cookie = await sessions.CreateAsync(_ada, Cancellation);

        // Each use begins the time anew.
        for (var i = 0; i < 5; i++)
        {
            time.Now += life.IdleLife * 0.9;
            Assert.Equal(["red", "blue"], (await sessions.FindAsync(cookie, Cancellation))!.TeamIds);
        }

        time.Now += life.IdleLife - TimeSpan.FromSeconds(1);
        Assert.NotNull(await sessions.FindAsync(cookie, Cancellation));
        time.Now += life.IdleLife;
        Assert.Null(await sessions.FindAsync(cookie, Cancellation));
        Assert.Null(await sessions.FindAsync(cookie, Cancellation));
    }

    [Fact]
    public async Task A_session_ends_at_its_time_however_much_it_is_used()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var (sessions, time, life) = await StoreAsync(issuer);
        var begun = time.Now;
        var cookie = await sessions.CreateAsync(_ada, Cancellation);

        while (time.Now + (life.IdleLife / 2) < begun + life.SessionLife)
        {
            time.Now += life.IdleLife / 2;
            Assert.NotNull(await sessions.FindAsync(cookie, Cancellation));
        }

        time.Now = begun + life.SessionLife - TimeSpan.FromMilliseconds(1);
        Assert.NotNull(await sessions.FindAsync(cookie, Cancellation));
        Assert.Single(await sessions.ListAsync(Cancellation));
        time.Now = begun + life.SessionLife;
        Assert.Null(await sessions.FindAsync(cookie, Cancellation));
        Assert.Empty(await sessions.ListAsync(Cancellation));

        // The next login takes the ended ones out of the store.
        var next = await sessions.CreateAsync(_ada, Cancellation);
        Assert.NotNull(await sessions.FindAsync(next, Cancellation));
        Assert.Null(await sessions.FindAsync(cookie, Cancellation));
    }

    [Fact]
    public async Task A_cookie_that_nobody_was_given_opens_nothing()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var (sessions, _, _) = await StoreAsync(issuer);
        var cookie = await sessions.CreateAsync(_ada, Cancellation);
        foreach (var wrong in (string[])["", new string('x', 101), cookie + "x", cookie[..^1], cookie.ToUpperInvariant()])
        {
            Assert.Null(await sessions.FindAsync(wrong, Cancellation));
        }
    }

    private async Task<(SessionStore Sessions, ManualTime Time, OidcOptions Life)> StoreAsync(TokenIssuer issuer)
    {
        var instance = await StartAsync(settings: new Dictionary<string, string?>
        {
            ["Gateway:PublicUrl"] = "http://gateway.test", ["Gateway:Oidc:Issuer"] = issuer.Name, ["Gateway:Oidc:ClientId"] = "dashboard", ["Gateway:Oidc:ClientSecret"] = "a-secret-of-the-tests",
            ["Gateway:Oidc:Roles"] = "platform=admin",
        });
        var oidc = instance.Services.GetRequiredService<OidcIssuer>();
        var time = new ManualTime(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
        return (new SessionStore(instance.Services.GetRequiredService<Database>(), oidc, time), time, oidc.Options!);
    }
}
