using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Access;

/// <summary>Accounts to look at, and one caller of every role, in a running service.</summary>
internal sealed class AccessWorld : IDisposable
{
    /// <summary>Callers by role; the scoped ones are named for <c>team-in</c>, the key holder holds <c>key-in</c>.</summary>
    public Dictionary<string, HttpClient> Callers { get; } = new(StringComparer.Ordinal);

    public required Instance Instance { get; init; }

    public static async Task<AccessWorld> BuildAsync(Instance instance, Func<HttpClient, HttpMethod, string, object?, Task<JsonObject>> send)
    {
        var world = new AccessWorld { Instance = instance };
        Task<JsonObject> MakeAsync(string plural, object entry) => send(instance.Admin, HttpMethod.Post, $"/api/{plural}", entry);

        await MakeAsync("providers", new { id = "p", baseUrl = "https://llm.example/v1" });
        await MakeAsync("credentials", new { id = "c", providerId = "p", secret = "sk-a-secret-of-the-tests" });
        await MakeAsync("deployments", new { id = "d", providerId = "p", credentialId = "c", model = "m" });
        await MakeAsync("routes", new { name = "r", targets = new[] { new { deploymentId = "d" } } });
        await MakeAsync("budgets", new { id = "budget-team", name = "b", limitNanoUsd = 1000 });
        await MakeAsync("budgets", new { id = "budget-in", name = "b", limitNanoUsd = 1000 });
        await MakeAsync("budgets", new { id = "budget-out", name = "b", limitNanoUsd = 1000 });
        await MakeAsync("customers", new { id = "customer-out", name = "c" });
        await MakeAsync("teams", new { id = "team-in", name = "in", budgetIds = new[] { "budget-team" } });
        await MakeAsync("teams", new { id = "team-out", name = "out" });
        await MakeAsync("users", new { id = "user-in", name = "u", teamId = "team-in" });
        await MakeAsync("users", new { id = "user-out", name = "u", teamId = "team-out" });
        var key = await MakeAsync("keys", new { id = "key-in", name = "in", teamId = "team-in", budgetIds = new[] { "budget-in" } });
        await MakeAsync("keys", new { id = "key-out", name = "out", teamId = "team-out", budgetIds = new[] { "budget-out" } });
        await MakeAsync("price-overrides", new { id = "o", versions = new[] { new { factorBasisPoints = 9_000 } } });
        await MakeAsync("issuers", new { id = "i", name = "i", issuer = "https://login.example", audiences = new[] { "gateway" }, keyId = "key-in" });
        await MakeAsync("guardrails", new { id = "g", rules = new[] { new { detector = "keywords", terms = new[] { "secret" } } } });
        await MakeAsync("limits", new { id = "l", name = "l", amount = 5 });
        foreach (var role in (string[])["owner", "admin", "auditor", "viewer"])
        {
            await world.AddAsync(role, new { id = role, name = role, role }, send);
        }

        foreach (var role in (string[])["teamAdmin", "teamViewer"])
        {
            await world.AddAsync(role, new { id = role.ToLowerInvariant(), name = role, role, teamIds = new[] { "team-in" } }, send);
        }

        world.Callers["keyHolder"] = instance.With(key["key"]!.GetValue<string>());
        return world;
    }

    public void Dispose()
    {
        foreach (var caller in Callers.Values)
        {
            caller.Dispose();
        }
    }

    private async Task AddAsync(string role, object key, Func<HttpClient, HttpMethod, string, object?, Task<JsonObject>> send)
        => Callers[role] = Instance.With((await send(Instance.Admin, HttpMethod.Post, "/api/admin-keys", key))["key"]!.GetValue<string>());
}
