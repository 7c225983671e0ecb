using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests;

public sealed class PagesTests() : GovernanceTests(null)
{
    [Fact]
    public async Task The_openapi_document_lists_exactly_the_operations_that_are_served()
    {
        var instance = await StartAsync();
        var document = await DoAsync(instance.Anonymous, HttpMethod.Get, "/api/openapi.json");
        var described = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(m => $"{m.Key} {p.Key} {m.Value!["operationId"]!.GetValue<string>()}")).ToList();

        Assert.Equal(instance.AdminOperations.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.Contains("put /api/routes/{id} replaceRoute", described);
        Assert.Equal(described.Count, described.Select(d => d.Split(' ')[2]).Distinct().Count());
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
                Assert.True(operation["responses"]?["401"]?["content"] is not null, $"{method} {path} has no errors.");
                Assert.Contains("Problem", operation["responses"]!["401"]!["content"]!["application/problem+json"]!.ToJsonString(), StringComparison.Ordinal);
                if (instance.TakesBody($"{method} {path}"))
                {
                    Assert.True(operation["requestBody"]?["content"]?["application/json"]?["schema"] is not null, $"{method} {path} has no described body.");
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
