using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Benchmarks.Traffic;

/// <summary>An MCP server of a help desk: a tool that answers, one that fails, and one that somebody has to approve.</summary>
internal sealed class ToolDesk : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ToolDesk()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Address { get; private set; } = "";

    public static async Task<ToolDesk> StartAsync(CancellationToken cancellation)
    {
        var desk = new ToolDesk();
        await desk._app.StartAsync(cancellation).ConfigureAwait(false);
        desk.Address = desk._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return desk;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = 405;
            return;
        }

        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var message = JsonNode.Parse(await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false))!.AsObject();
        if (message["id"] is not { } id)
        {
            context.Response.StatusCode = 202;
            return;
        }

        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone() };
        if (Result((string?)message["method"], message["params"]) is { } result)
        {
            answer["result"] = result;
        }
        else
        {
            answer["error"] = new JsonObject { ["code"] = -32601, ["message"] = "Unknown method." };
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer.ToJsonString()), context.RequestAborted).ConfigureAwait(false);
    }

    private static JsonObject? Result(string? method, JsonNode? parameters) => method switch
    {
        "initialize" => new JsonObject
        {
            ["protocolVersion"] = "2025-06-18",
            ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() },
            ["serverInfo"] = new JsonObject { ["name"] = "help-desk", ["version"] = "1" },
        },
        "tools/list" => new JsonObject
        {
            ["tools"] = new JsonArray(
                Tool("find_order", "Finds an order of a customer by its number.", "order"), Tool("refund_order", "Pays an order back.", "order"), Tool("check_stock", "Tells how many pieces of an article there are.", "article")),
        },
        "tools/call" => Called((string?)parameters?["name"], parameters?["arguments"]),
        "ping" => [],
        _ => null,
    };

    private static JsonObject Called(string? tool, JsonNode? arguments) => tool switch
    {
        "check_stock" => Said("The warehouse does not answer.", isError: true),
        "refund_order" => Said($"Order {arguments?["order"]} is paid back."),
        _ => Said($"Order {arguments?["order"]}: sent on Monday, two parcels."),
    };

    private static JsonObject Said(string text, bool isError = false)
        => new() { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }), ["isError"] = isError };

    private static JsonObject Tool(string name, string description, string argument) => new()
    {
        ["name"] = name,
        ["description"] = description,
        ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { [argument] = new JsonObject { ["type"] = "string" } } },
    };
}
