using System.Net;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Access;

public sealed class AdminKeyOnSqliteTests() : AdminKeyTests(null);

public sealed class AdminKeyOnPostgresTests(PostgresServer server) : AdminKeyTests(server);

public abstract class AdminKeyTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_a_hash()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t", name = "t" });
        var made = await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = "ops", name = "Ops", role = "admin" });
        var key = made["key"]!.GetValue<string>();

        Assert.StartsWith("gwa-", key, StringComparison.Ordinal);
        Assert.StartsWith(made["prefix"]!.GetValue<string>(), key, StringComparison.Ordinal);
        Assert.Equal("admin-key:bootstrap", made["createdBy"]!.GetValue<string>());
        Assert.Null((await DoAsync(instance.Admin, HttpMethod.Get, "/api/admin-keys/ops"))["key"]);
        Assert.DoesNotContain(key, (await DoAsync(instance.Admin, HttpMethod.Get, "/api/admin-keys")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, await StoredTextAsync(instance), StringComparison.Ordinal);
        Assert.DoesNotContain(key, instance.Log, StringComparison.Ordinal);
        using var caller = instance.With(key);
        Assert.Equal("admin", (await DoAsync(caller, HttpMethod.Get, "/api/me"))["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_key_ends_when_it_is_blocked_rotated_expired_or_deleted()
    {
        var instance = await StartAsync();
        var key = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = "ops", name = "Ops", role = "viewer" }))["key"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(key));

        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/admin-keys/ops", new { enabled = false });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(key));
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/admin-keys/ops", new { enabled = true, expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) });
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(key));
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/admin-keys/ops", new { expiresAt = (string?)null });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(key));

        var second = (await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys/ops/rotate"))["key"]!.GetValue<string>();
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(key), await StatusAsync(second)));
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/admin-keys/ops");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second));

        async Task<HttpStatusCode> StatusAsync(string value)
        {
            using var caller = instance.With(value);
            return (await SendAsync(caller, HttpMethod.Get, "/api/me")).Status;
        }
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = "guest", name = "g", role = "owner", expiresAt = TimeProvider.System.GetUtcNow().AddDays(1) });
        (HttpMethod Method, object? Body)[] attempts =
        [
            (HttpMethod.Delete, null),
            (HttpMethod.Patch, new { enabled = false }),
            (HttpMethod.Patch, new { role = "admin" }),
            (HttpMethod.Patch, new { expiresAt = TimeProvider.System.GetUtcNow().AddDays(9) }),
        ];
        foreach (var (method, body) in attempts)
        {
            var (status, problem, _) = await SendAsync(instance.Admin, method, "/api/admin-keys/bootstrap", body);
            Assert.Equal((HttpStatusCode.Conflict, "last_owner"), (status, problem["code"]!.GetValue<string>()));
        }

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = "second", name = "s", role = "owner" });
        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/admin-keys/bootstrap");
    }

    [Fact]
    public async Task Of_owners_that_are_deleted_at_once_one_stays()
    {
        var instance = await StartAsync();
        var keys = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            keys.Add((await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = $"o{i}", name = "o", role = "owner" }))["key"]!.GetValue<string>());
        }

        await DoAsync(instance.Admin, HttpMethod.Delete, "/api/admin-keys/bootstrap");
        var answers = await Task.WhenAll(keys.Select(async (key, i) =>
        {
            using var caller = instance.With(key);
            return (await SendAsync(caller, HttpMethod.Delete, $"/api/admin-keys/o{i}")).Status;
        }));

        Assert.Equal((3, 1), (answers.Count(a => a == HttpStatusCode.NoContent), answers.Count(a => a == HttpStatusCode.Conflict)));
    }

    [Fact]
    public async Task An_admin_leaves_owners_alone()
    {
        var instance = await StartAsync();
        using var admin = instance.With((await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { id = "a", name = "a", role = "admin" }))["key"]!.GetValue<string>());
        foreach (var (method, path, body) in (IEnumerable<(HttpMethod, string, object?)>)
        [
            (HttpMethod.Post, "/api/admin-keys", new { name = "x", role = "owner" }),
            (HttpMethod.Patch, "/api/admin-keys/a", new { role = "owner" }),
            (HttpMethod.Patch, "/api/admin-keys/bootstrap", new { name = "x" }),
            (HttpMethod.Post, "/api/admin-keys/bootstrap/rotate", null),
            (HttpMethod.Delete, "/api/admin-keys/bootstrap", null),
        ])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(admin, method, path, body)).Status);
        }

        await DoAsync(admin, HttpMethod.Post, "/api/admin-keys", new { name = "x", role = "auditor" });
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "role")]
    [InlineData("""{"name":"x","role":"king"}""", "role")]
    [InlineData("""{"name":"x","role":"keyHolder"}""", "role")]
    [InlineData("""{"name":"x","role":"teamAdmin"}""", "teamIds")]
    [InlineData("""{"name":"x","role":"teamAdmin","teamIds":["none"]}""", "teamIds[0]")]
    [InlineData("""{"name":"x","role":"admin","customerIds":["c"]}""", "customerIds[0]")]
    [InlineData("""{"name":"x","role":"admin","sha256":"00"}""", "sha256")]
    public async Task Wrong_fields_are_refused(string body, string field)
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(field, FieldsOf(problem));
    }
}
