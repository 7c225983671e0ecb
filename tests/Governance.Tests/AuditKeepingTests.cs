using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Audit;
using Gateway.Governance.Audit;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Access;
using Gateway.Governance.Tests.Support;
using Gateway.Tests.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

public sealed class AuditKeepingOnSqliteTests() : AuditKeepingTests(null);

public sealed class AuditKeepingOnPostgresTests(PostgresServer server) : AuditKeepingTests(server);

/// <summary>Where checkpoints go, how old rows go, and which accesses leave a row.</summary>
public abstract class AuditKeepingTests(PostgresServer? server) : GovernanceTests(server)
{
    [Fact]
    public async Task Checkpoints_are_posted_in_order_until_the_receiver_has_each()
    {
        var (bodies, refuse) = (new ConcurrentQueue<(string Token, string Type, string Text)>(), 2);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var receiver = builder.Build();
        receiver.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var text = await reader.ReadToEndAsync(Cancellation);
            if (Interlocked.Decrement(ref refuse) >= 0)
            {
                context.Response.StatusCode = 503;
                return;
            }

            bodies.Enqueue((context.Request.Headers.Authorization.ToString(), context.Request.ContentType ?? "", text));
        });
        await receiver.StartAsync(Cancellation);
        var instance = await StartAsync(settings: new Dictionary<string, string?>
        {
            ["Gateway:Audit:WebhookUrl"] = receiver.Urls.First() + "/take", ["Gateway:Audit:WebhookToken"] = "hook-token", ["Gateway:Audit:CheckpointRows"] = "1",
        });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t1", name = "t" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        await Eventually.TrueAsync(() => Lines().Count > 0 && refuse < 0);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "t2", name = "t" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        var stored = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit/checkpoints"))["items"]!.AsArray();
        await Eventually.TrueAsync(() => Lines().Count >= stored.Count);

        Assert.All(bodies, b => Assert.Equal(("Bearer hook-token", "application/x-ndjson"), (b.Token, b.Type)));
        var received = Lines().Select(l => AuditLines.ReadCheckpoint(Encoding.UTF8.GetBytes(l))!).ToList();
        Assert.Equal(received.Select(c => c.Sequence).Order(), received.Select(c => c.Sequence));
        Assert.Equal(received.Count, received.Distinct().Count());
        using var keys = CheckpointKeys.Read((await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit/checkpoints"))["publicKeys"]!.GetValue<string>());
        Assert.All(received, c => Assert.Null(keys!.Problem(c)));
        Assert.DoesNotContain("hook-token", instance.Log, StringComparison.Ordinal);

        List<string> Lines() => [.. bodies.SelectMany(b => b.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    [Fact]
    public async Task What_retention_removes_leaves_a_signed_beginning_and_a_chain_that_verifies()
    {
        var instance = await StartAsync();
        for (var i = 0; i < 6; i++)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = $"old{i}", name = "t" });
        }

        await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/checkpoints");
        var before = await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify");
        var export = await instance.Admin.GetByteArrayAsync("/api/audit/export", Cancellation);

        // Forty days later, with rows kept for thirty.
        var services = instance.Services;
        var time = new ManualTime(TimeProvider.System.GetUtcNow().AddDays(40));
        var cutting = new Checkpoints(services.GetRequiredService<Database>(), services.GetRequiredService<SigningKeys>(), services.GetRequiredService<AuditLog>(), new AuditOptions { Retention = TimeSpan.FromDays(30) }, time);
        var removed = await cutting.CutAsync(Cancellation);
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id = "new", name = "t" });

        Assert.True(removed >= 6, $"{removed} rows were removed");
        Assert.Equal(0, await cutting.CutAsync(Cancellation));
        var after = await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify");
        Assert.True(after["intact"]!.GetValue<bool>(), after.ToJsonString());
        Assert.True(after["rows"]!.GetValue<long>() < before["rows"]!.GetValue<long>());
        var rows = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?limit=1000"))["items"]!.AsArray();
        Assert.Contains(rows, r => r!["action"]!.GetValue<string>() == "audit.cut");
        Assert.DoesNotContain(rows, r => r!["id"]?.GetValue<string>() == "old0");

        // What was taken out before the cut still verifies by the checkpoints of now, the anchor among them.
        var page = await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit/checkpoints");
        Assert.Contains(page["items"]!.AsArray(), c => c!["purpose"]!.GetValue<string>().Equals("anchor", StringComparison.OrdinalIgnoreCase));
        using var keys = CheckpointKeys.Read(page["publicKeys"]!.GetValue<string>());
        var verifier = new AuditVerifier(page["items"]!.AsArray().Select(c => AuditLines.ReadCheckpoint(Encoding.UTF8.GetBytes(c!.ToJsonString()))!), keys);
        var number = 0L;
        foreach (var line in Encoding.UTF8.GetString(export).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            verifier.AddLine(Encoding.UTF8.GetBytes(line), ++number);
        }

        Assert.DoesNotContain(verifier.Finish().Findings, f => f.Kind != AuditFindingKind.Cut);

        // Beyond the anchor nothing may be missing: it is told, although rows before it are gone lawfully.
        await ExecuteAsync(instance, "DELETE FROM audit_rows WHERE chain = 'gateway' AND sequence = (SELECT MIN(sequence) FROM audit_rows WHERE chain = 'gateway')");
        Assert.False((await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify"))["intact"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Refused_accesses_leave_a_row_each_with_who_and_what()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        await SendAsync(world.Callers["viewer"], HttpMethod.Delete, "/api/teams/team-in");
        await SendAsync(world.Callers["teamAdmin"], HttpMethod.Get, "/api/keys/key-out");
        using var nobody = instance.With("gwa-not-a-key-that-anybody-has-000000000000");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(nobody, HttpMethod.Get, "/api/teams")).Status);

        JsonArray rows = [];
        await Eventually.TrueAsync(async () => (rows = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?action=access.denied&full=true&limit=1000"))["items"]!.AsArray()).Count >= 3);

        var changed = Assert.Single(rows, r => Actor(r!) == "admin-key:viewer")!;
        Assert.Equal(("team", "team-in", "DELETE /api/teams/team-in", "forbidden"), (Text(changed, "kind"), Text(changed, "id"), Text(changed["detail"]!, "call"), Text(changed["detail"]!, "code")));
        var hidden = Assert.Single(rows, r => Actor(r!) == "admin-key:teamadmin")!;
        Assert.Equal(("key", "key-out", "not_found"), (Text(hidden, "kind"), Text(hidden, "id"), Text(hidden["detail"]!, "code")));
        Assert.Single(rows, r => Actor(r!) == "anonymous");
        Assert.DoesNotContain("gwa-not-a-key", rows.ToJsonString(), StringComparison.Ordinal);
        Assert.True((await DoAsync(instance.Admin, HttpMethod.Post, "/api/audit/verify"))["intact"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_login_and_its_end_and_a_login_that_is_refused_leave_rows()
    {
        await using var issuer = await TokenIssuer.StartAsync(Cancellation);
        var instance = await StartAsync(settings: new Dictionary<string, string?>
        {
            ["Gateway:PublicUrl"] = "http://gateway.test", ["Gateway:Oidc:Issuer"] = issuer.Name, ["Gateway:Oidc:ClientId"] = "dashboard", ["Gateway:Oidc:ClientSecret"] = "a-secret-of-the-tests",
            ["Gateway:Oidc:Roles"] = "platform=admin",
        });
        issuer.NextLogin = new JsonObject { ["sub"] = "ada", ["name"] = "Ada", ["groups"] = "platform" };
        using var browser = Browser(instance);
        Assert.Equal(HttpStatusCode.Redirect, await LogInAsync(browser));
        browser.DefaultRequestHeaders.Add("Origin", "http://gateway.test");
        await DoAsync(browser, HttpMethod.Post, "/api/auth/logout");
        issuer.NextLogin = new JsonObject { ["sub"] = "eve", ["groups"] = "nobody" };
        using var other = Browser(instance);
        Assert.Equal(HttpStatusCode.Forbidden, await LogInAsync(other));

        JsonArray rows = [];
        await Eventually.TrueAsync(async () =>
        {
            rows = (await DoAsync(instance.Admin, HttpMethod.Get, "/api/audit?full=true&limit=1000"))["items"]!.AsArray();
            return rows.Any(r => Text(r!, "action") == "login") && rows.Any(r => Text(r!, "action") == "logout") && rows.Any(r => Text(r!, "action") == "access.denied");
        });

        Assert.Equal("oidc:ada", Actor(Assert.Single(rows, r => Text(r!, "action") == "login")!));
        Assert.Equal("oidc:ada", Actor(Assert.Single(rows, r => Text(r!, "action") == "logout")!));
        Assert.Contains("no_role", Assert.Single(rows, r => Text(r!, "action") == "access.denied")!.ToJsonString(), StringComparison.Ordinal);
    }

    private static HttpClient Browser(Instance instance) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = true }) { BaseAddress = instance.Address };

    private static async Task<HttpStatusCode> LogInAsync(HttpClient browser)
    {
        using var begun = await browser.GetAsync("/api/auth/login?returnTo=%2F", Cancellation);
        using var issued = await browser.GetAsync(begun.Headers.Location, Cancellation);
        using var done = await browser.GetAsync(issued.Headers.Location!.PathAndQuery, Cancellation);
        return done.StatusCode;
    }

    private static string Actor(JsonNode row) => Text(row["actor"]!, "id");

    private static string Text(JsonNode node, string name) => node[name]?.GetValue<string>() ?? "";
}
