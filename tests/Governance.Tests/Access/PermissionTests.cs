using System.Net;
using Gateway.Governance.Access;
using Gateway.Governance.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests.Access;

public sealed class PermissionOnSqliteTests() : PermissionTests(null);

public sealed class PermissionOnPostgresTests(PostgresServer server) : PermissionTests(server);

public abstract class PermissionTests(PostgresServer? server) : GovernanceTests(server)
{
    /// <summary>Of each kind an entry, and how it lies to the scoped roles: below, at (Within) or outside (None) what they are named for.</summary>
    private static readonly Dictionary<string, (string Id, Reach Place)[]> Samples = new(StringComparer.Ordinal)
    {
        ["provider"] = [("p", Reach.None)],
        ["credential"] = [("c", Reach.None)],
        ["deployment"] = [("d", Reach.None)],
        ["route"] = [("r", Reach.None)],
        ["channel"] = [("none", Reach.None)],
        ["session"] = [("none", Reach.None)],
        ["issuer"] = [("i", Reach.None)],
        ["log"] = [("none", Reach.None)],
        ["logBody"] = [("none", Reach.None)],
        ["cacheEntry"] = [("none", Reach.None)],
        ["limit"] = [("l", Reach.None)],
        ["priceOverride"] = [("o", Reach.None)],
        ["guardrail"] = [("g", Reach.None)],
        ["approval"] = [("none", Reach.None)],
        ["mcpServer"] = [("none", Reach.None)],
        ["mcpBundle"] = [("none", Reach.None)],
        ["mcpPolicy"] = [("none", Reach.None)],
        ["mcpTool"] = [("none", Reach.None)],
        ["mcpApproval"] = [("none", Reach.None)],
        ["mcpCall"] = [("none", Reach.None)],
        ["price"] = [("none", Reach.None)],
        ["billSource"] = [("none", Reach.None)],
        ["customer"] = [("customer-out", Reach.None)],
        ["user"] = [("user-in", Reach.Below), ("user-out", Reach.None)],
        ["team"] = [("team-in", Reach.Within), ("team-out", Reach.None)],
        ["budget"] = [("budget-in", Reach.Below), ("budget-team", Reach.Within), ("budget-out", Reach.None)],
        ["key"] = [("key-in", Reach.Below), ("key-out", Reach.None)],
        ["adminKey"] = [("viewer", Reach.None)],
    };

    [Fact]
    public async Task Every_address_gives_every_role_what_the_table_says()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        var wrong = new List<string>();
        var checks = 0;
        foreach (var (method, path, rule, byId) in Operations(instance))
        {
            foreach (var (id, place) in byId ? SamplesOf(rule.Kind) : [("", Reach.None)])
            {
                foreach (var role in PermissionTable.RolesInOrder)
                {
                    var expected = byId ? Expected(role, rule, id, place) : PermissionTable.Of(role, rule.Kind, rule.Action) == Reach.None ? 403 : 0;
                    var status = await TryAsync(world.Callers[role.Name()], method, path.Replace("{id}", byId ? id : "any", StringComparison.Ordinal));
                    checks++;
                    if (expected == 0 ? status is 401 or 403 || (status >= 500 && !IsWithoutHub(path, status)) || (status == 404 && byId && id != "none") : status != expected)
                    {
                        wrong.Add($"{role.Name()} {method} {path} ({id}): {status} instead of {(expected == 0 ? "anything else" : expected)}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(checks > 400, $"only {checks} checks were made");
    }

    [Fact]
    public async Task What_may_not_be_seen_is_answered_like_what_is_not_there()
    {
        var instance = await StartAsync();
        using var world = await AccessWorld.BuildAsync(instance, DoAsync);
        foreach (var caller in (string[])["teamAdmin", "teamViewer", "keyHolder"])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete])
            {
                foreach (var (plural, id) in (IEnumerable<(string, string)>)[("keys", "key-out"), ("teams", "team-out"), ("budgets", "budget-out")])
                {
                    var hidden = await SendAsync(world.Callers[caller], method, $"/api/{plural}/{id}", method == HttpMethod.Get ? null : new { name = "x" });
                    var absent = await SendAsync(world.Callers[caller], method, $"/api/{plural}/none-such", method == HttpMethod.Get ? null : new { name = "x" });
                    Assert.Equal(HttpStatusCode.NotFound, hidden.Status);
                    Assert.Equal(absent.Body.ToJsonString().Replace("none-such", id, StringComparison.Ordinal), hidden.Body.ToJsonString());
                }
            }
        }
    }

    [Fact]
    public async Task A_thing_is_listed_if_and_only_if_it_can_be_read()
    {
        var instance = await StartAsync();
        var random = new Random(20260901);
        var teams = Enumerable.Range(0, 6).Select(i => $"t{i}").ToList();
        var budgets = Enumerable.Range(0, 12).Select(i => $"b{i}").ToList();
        var keys = Enumerable.Range(0, 24).Select(i => $"k{i}").ToList();
        foreach (var id in budgets)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", new { id, name = id, limitNanoUsd = 5 });
        }

        foreach (var id in teams)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/teams", new { id, name = id, budgetIds = Some(budgets, 2) });
        }

        foreach (var id in keys)
        {
            await DoAsync(instance.Admin, HttpMethod.Post, "/api/keys", new { id, name = id, teamId = random.Next(4) == 0 ? null : One(teams), budgetIds = Some(budgets, 2) });
        }

        for (var i = 0; i < 10; i++)
        {
            var role = One(["teamAdmin", "teamViewer"]);
            var named = Some(teams, 3).Append(One(teams)).Distinct().ToList();
            var made = await DoAsync(instance.Admin, HttpMethod.Post, "/api/admin-keys", new { name = "n", role, teamIds = named });
            using var caller = instance.With(made["key"]!.GetValue<string>());
            foreach (var (plural, all) in (IEnumerable<(string, List<string>)>)[("teams", teams), ("keys", keys), ("budgets", budgets)])
            {
                var listed = await ListAsync(caller, plural, random.Next(1, 5));
                var readable = new List<string>();
                foreach (var id in all)
                {
                    var (status, _, _) = await SendAsync(caller, HttpMethod.Get, $"/api/{plural}/{id}");
                    Assert.True(status is HttpStatusCode.OK or HttpStatusCode.NotFound);
                    if (status == HttpStatusCode.OK)
                    {
                        readable.Add(id);
                    }
                }

                Assert.Equal(readable.Order(StringComparer.Ordinal), listed);
                Assert.True(plural != "teams" || readable.Order().SequenceEqual(named.Order()), "a scoped role reads just the teams it is named for");
            }
        }

        T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];

        List<string> Some(List<string> of, int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => One(of)).Distinct()];
    }

    [Fact]
    public void An_address_without_a_row_is_an_error_at_start()
    {
        var endpoint = new RouteEndpoint(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/api/new"), 0, EndpointMetadataCollection.Empty, "new");
        var unknown = new RouteEndpoint(
            _ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/api/new"), 0, new EndpointMetadataCollection(new AccessRule("nothing", AccessAction.Read)), "unknown");
        var unfiltered = new RouteEndpoint(
            _ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/api/keys/search"), 0, new EndpointMetadataCollection(new AccessRule("key", AccessAction.List)), "unfiltered");

        foreach (var wrong in (Endpoint[])[endpoint, unknown, unfiltered])
        {
            Assert.Throws<InvalidOperationException>(() => AccessRules.Check([wrong], "/api"));
        }
    }

    private static IEnumerable<(HttpMethod Method, string Path, AccessRule Rule, bool ById)> Operations(Instance instance)
        => instance.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<AccessRule>() is not null)
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => (
                new HttpMethod(m),
                e.RoutePattern.RawText!.Replace("{**id:minlength(1)}", "{id}", StringComparison.Ordinal).TrimEnd('/'),
                e.Metadata.GetMetadata<AccessRule>()!,
                e.RoutePattern.Parameters.Any(p => p.Name == "id") && e.Metadata.GetMetadata<AccessRule>()!.Kind is not (AccessRules.Whole or "usage"))))
            .Distinct();

    private static (string Id, Reach Place)[] SamplesOf(string kind)
        => Samples.TryGetValue(kind, out var samples) ? samples : throw new InvalidOperationException($"Add an entry of the kind '{kind}' to AccessWorld and to Samples.");

    private static int Expected(Role role, AccessRule rule, string id, Reach place)
    {
        return !Reaches(PermissionTable.Of(role, rule.Kind, AccessAction.Read)) ? 404 : Reaches(PermissionTable.Of(role, rule.Kind, rule.Action)) ? 0 : 403;

        bool Reaches(Reach reach) => reach switch
        {
            Reach.All => true,
            Reach.Own => id == "key-in",
            Reach.Below or Reach.Within => place != Reach.None && place <= reach,
            _ => false,
        };
    }

    // With a condition that never holds and an empty body nothing is ever changed, so that every role finds the same things.
    // No hub runs here, which an address that asks it says.
    private static bool IsWithoutHub(string path, int status) => status == 503 && path.StartsWith("/api/mcp/playground/", StringComparison.Ordinal);

    private static async Task<int> TryAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("If-Match", "\"999999999999999\"");
        if (method != HttpMethod.Get && method != HttpMethod.Delete)
        {
            request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return (int)response.StatusCode;
    }

    private static async Task<List<string>> ListAsync(HttpClient client, string plural, int limit)
    {
        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await DoAsync(client, HttpMethod.Get, $"/api/{plural}?limit={limit}{(after is null ? "" : $"&after={after}")}");
            var items = page["items"]!.AsArray();
            after = page["next"]?.GetValue<string>();
            Assert.True(after is null || items.Count == limit, "filters apply before paging: only the last page may be short");
            ids.AddRange(items.Select(i => i!["id"]!.GetValue<string>()));
        }
        while (after is not null);
        return ids;
    }
}
