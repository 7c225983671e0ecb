using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.Governance.Tests.Support;

namespace Gateway.Dashboard.Tests.Support;

/// <summary>One governance for all tests of a class, with everything in it that pages show.</summary>
public sealed class World : IAsyncLifetime
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"gw-dash-{Guid.NewGuid():n}");
    private Instance? _full;
    private Instance? _empty;

    /// <summary>With entries of every kind and some requests.</summary>
    public Instance Full => _full!;

    /// <summary>As after the first start.</summary>
    public Instance Empty => _empty!;

    /// <summary>Keys of the admin API by role.</summary>
    public Dictionary<string, string> Roles { get; } = [];

    /// <summary>The virtual key of the id <c>web-app</c>.</summary>
    public string VirtualKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _empty = await Instance.StartAsync(Path.Combine(_root, "empty"), null, cancellation);
        _full = await Instance.StartAsync(Path.Combine(_root, "full"), null, cancellation);
        await FillAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await Full.DisposeAsync();
        await Empty.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    public async Task<JsonObject> ApiAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await Full.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {text}");
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        Roles["owner"] = (await File.ReadAllTextAsync(Full.AdminKeyFile, cancellation)).Trim();
        await PostAsync("/api/customers", new { id = "acme", name = "Acme" });
        await PostAsync("/api/budgets", new { id = "monthly", name = "Monthly", limitNanoUsd = 1_000_000_000 });
        await PostAsync("/api/teams", new { id = "web", name = "Web", customerId = "acme", budgetIds = (string[])["monthly"] });
        await PostAsync("/api/teams", new { id = "other", name = "Other team" });
        await PostAsync("/api/users", new { id = "ada", name = "Ada", email = "ada@example.com", teamId = "web" });
        await PostAsync("/api/providers", new { id = "sim", baseUrl = "http://127.0.0.1:9/v1" });
        await PostAsync("/api/credentials", new { id = "sim-1", providerId = "sim", secret = "sk-hidden-from-everybody" });
        await PostAsync("/api/deployments", new { id = "sim/large", providerId = "sim", credentialId = "sim-1", model = "large", price = new { version = "t", inputPerMillion = 1_000_000, outputPerMillion = 2_000_000 } });
        await PostAsync("/api/routes", new { name = "large", targets = (object[])[new { deploymentId = "sim/large" }] });
        await PostAsync("/api/limits", new { id = "everyone", name = "Everyone", amount = 1000, windowSeconds = 60 });
        await PostAsync("/api/guardrails", new { id = "personal", name = "Personal data", rules = (object[])[new { detector = "pii", action = "redact" }] });
        await PostAsync("/api/channels", new { id = "ops", name = "Ops", type = "Webhook", url = "https://example.com/hook" });
        VirtualKey = (await PostAsync("/api/keys", new { id = "web-app", name = "Web app", teamId = "web" }))["key"]!.GetValue<string>();
        await PostAsync("/api/keys", new { id = "other-app", name = "Other app", teamId = "other" });
        foreach (var role in (string[])["admin", "auditor", "viewer"])
        {
            Roles[role] = (await PostAsync("/api/admin-keys", new { id = role.ToLowerInvariant(), name = $"The {role}", role }))["key"]!.GetValue<string>();
        }

        foreach (var role in (string[])["teamAdmin", "teamViewer"])
        {
            Roles[role] = (await PostAsync("/api/admin-keys", new { id = role.ToLowerInvariant(), name = $"The {role}", role, teamIds = (string[])["web"] }))["key"]!.GetValue<string>();
        }

        Roles["keyHolder"] = VirtualKey;
        using var response = await Full.Internal.PostAsJsonAsync("/internal/usage", new UsageBatch { EdgeId = "edge-1", Records = Records() }, ContractsJson.Default.UsageBatch, cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    private Task<JsonObject> PostAsync(string path, object body) => ApiAsync(HttpMethod.Post, path, body);

    private static List<UsageRecord> Records()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        return [.. Enumerable.Range(1, 40).Select(i => new UsageRecord
        {
            Id = RecordId(i),
            StartedAtMicros = now - (i * 60_000_000L),
            DurationMicros = 120_000 + (i * 1000),
            FirstByteMicros = 30_000,
            KeyId = i % 2 == 0 ? "web-app" : "other-app",
            TeamId = i % 2 == 0 ? "web" : "other",
            Operation = Operation.Chat,
            Model = "large",
            Route = "large",
            DeploymentId = "sim/large",
            ProviderId = "sim",
            Status = i % 5 == 0 ? 503 : 200,
            Outcome = i % 5 == 0 ? RequestOutcome.UpstreamError : RequestOutcome.Completed,
            ErrorCode = i % 5 == 0 ? "upstream_error" : "",
            Tokens = new TokenUsage { Input = 100, Output = 50 },
            CostNanoUsd = 200_000,
            PriceVersion = "t",
            Attempts = 1,
        })];
    }

    /// <summary>The id of one of the requests, from 1 on. Even ones are of the key <c>web-app</c>, every fifth failed.</summary>
    public static string RecordId(int number) => $"{number:x32}";
}
