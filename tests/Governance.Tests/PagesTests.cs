using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class PagesTests() : GovernanceTests(null)
{
    [Fact]
    public async Task The_openapi_document_lists_exactly_these_operations()
    {
        var instance = await StartAsync();
        var document = await DoAsync(instance.Anonymous, HttpMethod.Get, "/api/openapi.json");

        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key} {p.Key} {o.Value!["operationId"]}"));

        Assert.Equal(
            """
            get /api/admin-keys listAdminKeys
            post /api/admin-keys createAdminKey
            delete /api/admin-keys/{id} deleteAdminKey
            get /api/admin-keys/{id} getAdminKey
            patch /api/admin-keys/{id} patchAdminKey
            put /api/admin-keys/{id} replaceAdminKey
            post /api/admin-keys/{id}/rotate rotateAdminKey
            get /api/budgets listBudgets
            post /api/budgets createBudget
            delete /api/budgets/{id} deleteBudget
            get /api/budgets/{id} getBudget
            patch /api/budgets/{id} patchBudget
            put /api/budgets/{id} replaceBudget
            get /api/credentials listCredentials
            post /api/credentials createCredential
            delete /api/credentials/{id} deleteCredential
            get /api/credentials/{id} getCredential
            patch /api/credentials/{id} patchCredential
            put /api/credentials/{id} replaceCredential
            get /api/deployments listDeployments
            post /api/deployments createDeployment
            delete /api/deployments/{id} deleteDeployment
            get /api/deployments/{id} getDeployment
            patch /api/deployments/{id} patchDeployment
            put /api/deployments/{id} replaceDeployment
            get /api/keys listKeys
            post /api/keys createKey
            delete /api/keys/{id} deleteKey
            get /api/keys/{id} getKey
            patch /api/keys/{id} patchKey
            put /api/keys/{id} replaceKey
            post /api/keys/{id}/regenerate regenerateKey
            get /api/me getSelf
            get /api/providers listProviders
            post /api/providers createProvider
            delete /api/providers/{id} deleteProvider
            get /api/providers/{id} getProvider
            patch /api/providers/{id} patchProvider
            put /api/providers/{id} replaceProvider
            get /api/routes listRoutes
            post /api/routes createRoute
            post /api/routes/simulate simulateRoute
            delete /api/routes/{id} deleteRoute
            get /api/routes/{id} getRoute
            patch /api/routes/{id} patchRoute
            put /api/routes/{id} replaceRoute
            get /api/settings getSettings
            patch /api/settings patchSettings
            put /api/settings replaceSettings
            get /api/status getStatus
            get /api/teams listTeams
            post /api/teams createTeam
            delete /api/teams/{id} deleteTeam
            get /api/teams/{id} getTeam
            patch /api/teams/{id} patchTeam
            put /api/teams/{id} replaceTeam
            get /api/usage getUsage
            get /api/usage/records listUsageRecords
            """.ReplaceLineEndings("\n"),
            string.Join('\n', operations.OrderBy(o => o.Split(' ')[1], StringComparer.Ordinal).ThenBy(o => o, StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Every_operation_is_described_with_its_errors_and_every_field_with_words()
    {
        var instance = await StartAsync();
        var document = await DoAsync(instance.Anonymous, HttpMethod.Get, "/api/openapi.json");

        Assert.Equal("bearer", document["components"]!["securitySchemes"]!["adminKey"]!["scheme"]!.GetValue<string>());
        Assert.NotEmpty(document["security"]!.AsArray());
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                Assert.False(string.IsNullOrEmpty(operation!["summary"]?.GetValue<string>()), $"{method} {path} has no summary.");
                Assert.Contains("Problem", operation["responses"]!["401"]!["content"]!["application/problem+json"]!.ToJsonString(), StringComparison.Ordinal);
                if (method is "post" or "put" or "patch" && !path.EndsWith("regenerate", StringComparison.Ordinal) && !path.EndsWith("/rotate", StringComparison.Ordinal))
                {
                    Assert.NotNull(operation["requestBody"]!["content"]!["application/json"]!["schema"]);
                }
            }
        }

        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (var (name, schema) in schemas.Where(s => !s.Key.StartsWith("ResourcePage", StringComparison.Ordinal)))
        {
            foreach (var (field, property) in schema!["properties"] as JsonObject ?? [])
            {
                // An optional reference is described by the type it refers to.
                Assert.True(property!["description"] is not null || property["oneOf"] is not null, $"{name}.{field} has no description.");
            }
        }

        Assert.Contains("OpenAI", schemas["ProviderKind"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.NotNull(schemas["ResourceOfKeyCreated"]!["properties"]!["key"]);
        Assert.NotNull(schemas["ResourceOfRouteEntry"]!["properties"]!["targets"]);
    }

    [Fact]
    public async Task The_page_at_the_root_needs_no_login_and_loads_nothing_from_elsewhere()
    {
        var instance = await StartAsync();
        using var response = await instance.Anonymous.GetAsync("/", Cancellation);
        var html = await response.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("/v1/chat/completions", html, StringComparison.Ordinal);
        Assert.Contains("/api/openapi.json", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
    }
}
