using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.StoredObjects;

/// <summary>A provider that serves responses and keeps those it is not told to forget.</summary>
internal sealed class StoringProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _kept = new(StringComparer.Ordinal);
    private readonly string _name;
    private int _number;

    private StoringProvider(WebApplication app, string name) => (_app, _name) = (app, name);

    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>The last answer, as it was sent.</summary>
    public string LastAnswer { get; private set; } = "";

    /// <summary>The query of the last request.</summary>
    public string LastQuery { get; private set; } = "";

    public static async Task<StoringProvider> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new StoringProvider(app, name);
        app.Run(provider.ServeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        LastQuery = http.Request.QueryString.Value ?? "";
        var parts = http.Request.Path.Value!.Split('/');
        if (parts.Length == 3)
        {
            await CreateAsync(http, (await JsonNode.ParseAsync(http.Request.Body))!);
        }
        else if (!_kept.TryGetValue(parts[3], out var kept))
        {
            await SendAsync(http, $$"""{"error":{"message":"Response with id '{{parts[3]}}' not found.","type":"invalid_request_error","param":null,"code":null} }""", 404);
        }
        else if (parts.Length > 4)
        {
            await SendAsync(http, parts[4] == "cancel" ? kept.Replace("completed", "cancelled", StringComparison.Ordinal) : """{"object":"list","data":[{"type":"message","id":"msg_1","role":"user","content":[{"type":"input_text","text":"hi"}]}],"first_id":"msg_1","last_id":"msg_1","has_more":false}""");
        }
        else if (HttpMethods.IsDelete(http.Request.Method))
        {
            _kept.TryRemove(parts[3], out _);
            await SendAsync(http, $$"""{"id":"{{parts[3]}}","object":"response","deleted":true}""");
        }
        else
        {
            await SendAsync(http, http.Request.Query["stream"] == "true" ? Events(kept) : kept);
        }
    }

    private async Task CreateAsync(HttpContext http, JsonNode body)
    {
        var previous = body["previous_response_id"]?.GetValue<string>();
        if (previous is not null && !_kept.ContainsKey(previous))
        {
            await SendAsync(http, $$"""{"error":{"message":"Previous response with id '{{previous}}' not found.","type":"invalid_request_error","param":"previous_response_id","code":"previous_response_not_found"} }""", 400);
            return;
        }

        var id = $"resp_{_name}{Interlocked.Increment(ref _number)}";
        var response = $$"""
            { "object":"response", "id" : "{{id}}","created_at":1700000000,"status":"completed","model":"m","x_unknown":{"id":"{{id}}"},
              "previous_response_id":{{(previous is null ? "null" : $"\"{previous}\"")}},"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"error":null,"incomplete_details":null,"instructions":null,"metadata":{},
              "output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"say \"{{id}}\"","annotations":[]}]}],
              "usage":{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":5} }
            """.ReplaceLineEndings(" ");
        if (body["store"]?.GetValue<bool>() != false)
        {
            _kept[id] = response;
        }

        await SendAsync(http, body["stream"]?.GetValue<bool>() == true ? Events(response) : response);
    }

    private static string Events(string response) =>
        $"event: response.created\ndata: {{\"type\":\"response.created\",\"sequence_number\":0,\"response\":{response}}}\n\n"
        + "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"delta\":\"hi\",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0}\n\n"
        + $"event: response.completed\ndata: {{\"type\":\"response.completed\",\"sequence_number\":2,\ndata: \"response\":{response}}}\n\n";

    private async Task SendAsync(HttpContext http, string answer, int status = 200)
    {
        LastAnswer = answer;
        http.Response.StatusCode = status;
        http.Response.ContentType = answer.StartsWith("event", StringComparison.Ordinal) ? "text/event-stream" : "application/json";
        await http.Response.WriteAsync(answer);
    }
}
