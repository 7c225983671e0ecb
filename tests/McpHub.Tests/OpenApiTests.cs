using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.McpHub.Tests;

/// <summary>An HTTP API as a server of tools.</summary>
public sealed class OpenApiTests
{
    private const string Document = """
        openapi: 3.0.3
        info: { title: Shop, version: "2" }
        components:
          securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
          schemas:
            Item: { type: object, properties: { name: { type: string }, parent: { $ref: '#/components/schemas/Item' } } }
        paths:
          /items/{id}:
            get:
              operationId: getItem
              summary: One item
              parameters:
                - { name: id, in: path, required: true, schema: { type: string } }
                - { name: tag, in: query, schema: { type: array, items: { type: string } } }
                - { name: X-Trace, in: header, schema: { type: string } }
            delete: { operationId: deleteItem, parameters: [ { name: id, in: path, required: true, schema: { type: string } } ] }
          /items:
            post:
              operationId: addItem
              requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Item' } } } }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operations_become_tools_arguments_requests_and_answers_results()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var api = builder.Build();
        api.Map("/{**path}", async (HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var seen = new JsonObject
            {
                ["path"] = http.Request.Path.Value, ["query"] = http.Request.QueryString.Value, ["key"] = http.Request.Headers["X-Key"].ToString(),
                ["trace"] = http.Request.Headers["X-Trace"].ToString(), ["body"] = await reader.ReadToEndAsync(), ["list"] = new JsonArray(1, 2, 3), ["dropped"] = "x",
            };
            http.Response.StatusCode = http.Request.Path.Value!.EndsWith("/none", StringComparison.Ordinal) ? 404 : 200;
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(seen.ToJsonString());
        });
        await api.StartAsync(Cancel);
        await using var hub = await HubFixture.StartAsync(
            $$$"""{"id":"shop","transport":"openApi","url":"{{{api.Urls.First()}}}","openApi":{"document":{{{JsonSerializer.Serialize(Document)}}},"exclude":["DELETE *"],"credential":"k1","shapes":[{"operation":"getItem","keep":["path","query","key","trace","list"],"maxItems":2}]} }""");
        var session = await hub.BeginAsync("/mcp/shop");

        var tools = (await hub.AskAsync("/mcp/shop", session, "tools/list"))["result"]!["tools"]!.AsArray();
        Assert.Equal(["getItem", "addItem"], tools.Select(t => (string)t!["name"]!));
        Assert.Equal("#/$defs/Item", (string?)tools[1]!["inputSchema"]!["properties"]!["body"]!["$ref"]);
        Assert.NotNull(tools[1]!["inputSchema"]!["$defs"]!["Item"]);
        Assert.True((bool)tools[0]!["annotations"]!["readOnlyHint"]!);

        var got = await CallAsync("getItem", """{"id":"a/b c","tag":["x","y&z"],"X-Trace":"t"}""");
        Assert.Equal("""{"path":"/items/a%2Fb c","query":"?tag=x\u0026tag=y%26z","key":"k1","trace":"t","list":[1,2]}""", got["result"]!["structuredContent"]!.ToJsonString());
        var added = await CallAsync("addItem", """{"body":{"name":"n"}}""");
        Assert.Equal("""{"name":"n"}""", (string?)added["result"]!["structuredContent"]!["body"]);
        Assert.True((bool)(await CallAsync("getItem", """{"id":"none"}"""))["result"]!["isError"]!);
        Assert.Equal(-32602, (int)(await CallAsync("getItem", """{"id":".."}"""))["error"]!["code"]!);
        Assert.Equal(-32602, (int)(await CallAsync("deleteItem", """{"id":"1"}"""))["error"]!["code"]!);

        Task<JsonObject> CallAsync(string tool, string arguments) => hub.AskAsync("/mcp/shop", session, "tools/call", $$$"""{"name":"{{{tool}}}","arguments":{{{arguments}}} }""");
    }
}
