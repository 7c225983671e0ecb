using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.McpHub.Auth;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;
using Gateway.McpHub.Upstreams.Http;

namespace Gateway.McpHub.OpenApi;

/// <summary>An HTTP API that looks like a server: its operations are tools, a call of one is an HTTP request.</summary>
internal sealed class OpenApiWire(UpstreamSettings settings, HttpMessageInvoker http, IUpstreamAuth auth) : Wire
{
    private const int MaxDocumentBytes = 16 * 1024 * 1024;

    private JsonObject root = [];
    private Dictionary<string, ApiOperation> operations = [];
    private ApiSecurity security = new("", "");
    private string baseUrl = "";
    private volatile bool isClosed;

    /// <inheritdoc/>
    public override bool IsAlive => !isClosed;

    /// <inheritdoc/>
    public override async ValueTask<UpstreamReply> RequestAsync(WireRequest request, CancellationToken cancellation)
    {
        switch (request.Method)
        {
            case Methods.Initialize:
                return await BeginAsync(cancellation).ConfigureAwait(false);
            case Methods.Ping:
                return UpstreamReply.Result(JsonBytes.EmptyObject);
            case Methods.ListTools:
                return UpstreamReply.Result(Serving.ListWriter.Write("tools", operations.Values.Select(o => (ReadOnlyMemory<byte>)o.Tool)));
            case Methods.CallTool:
                var message = RpcMessage.Read(request.Message);
                return JsonBytes.TryGetString(message.Body.Span, "name"u8, out var name) && operations.TryGetValue(name, out var operation)
                    ? await CallAsync(operation, message.Body, cancellation).ConfigureAwait(false)
                    : UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "Unknown tool."));
            default:
                return UpstreamReply.Error(RpcError.Object(RpcError.MethodNotFound, "Method not found."));
        }
    }

    /// <inheritdoc/>
    public override ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation) => ValueTask.FromResult<UpstreamFault?>(null);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        isClosed = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask<UpstreamReply> BeginAsync(CancellationToken cancellation)
    {
        var api = settings.OpenApi!;
        var text = api.Document;
        if (text.Length == 0)
        {
            if (!Uri.TryCreate(api.DocumentUrl, UriKind.Absolute, out var where) || where.Scheme is not ("http" or "https"))
            {
                return UpstreamReply.Failed(Faults.Unreachable(settings.Id, "it has neither a document nor an address of one"));
            }

            var (body, fault) = await FetchAsync(new HttpRequestMessage(HttpMethod.Get, where), MaxDocumentBytes, cancellation).ConfigureAwait(false);
            if (fault is not null)
            {
                return UpstreamReply.Failed(fault);
            }

            text = Encoding.UTF8.GetString(body!.Value.Body);
        }

        var (document, problem) = OpenApiDocument.Parse(text);
        if (document is null)
        {
            return UpstreamReply.Failed(Faults.Malformed(settings.Id, problem + "."));
        }

        root = document;
        operations = OpenApiDocument.Operations(root, api.Include, api.Exclude);
        security = ApiSecurity.Of(root, api.SecurityScheme);
        baseUrl = settings.Url ?? BaseOf(api.DocumentUrl);
        var info = new JsonObject { ["name"] = $"{root["info"]?["title"] ?? settings.Id}", ["version"] = $"{root["info"]?["version"] ?? "1"}" };
        var result = new JsonObject { ["protocolVersion"] = Revisions.V2025November, ["capabilities"] = new JsonObject { ["tools"] = new JsonObject() }, ["serverInfo"] = info };
        return UpstreamReply.Result(JsonBytes.Utf8(result.ToJsonString()));
    }

    private string BaseOf(string? documentUrl)
    {
        var named = $"{(root["servers"] as JsonArray)?.FirstOrDefault()?["url"]}";
        return documentUrl is not null && Uri.TryCreate(new Uri(documentUrl), named, out var whole) ? whole.AbsoluteUri : named;
    }

    private async ValueTask<UpstreamReply> CallAsync(ApiOperation operation, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        JsonObject arguments;
        try
        {
            arguments = JsonBytes.TryGet(parameters, "arguments"u8, out ReadOnlyMemory<byte> given) ? JsonNode.Parse(given.Span) as JsonObject ?? [] : [];
            _ = arguments.Count;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The arguments have a member twice."));
        }

        for (var attempt = 0; ; attempt++)
        {
            var token = await auth.TokenAsync(cancellation).ConfigureAwait(false);
            var (request, problem) = ApiRequest.Make(operation, baseUrl, arguments, settings, security, token);
            if (request is null)
            {
                return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, problem!));
            }

            var (answer, fault) = await FetchAsync(request, settings.MaxResponseBytes, cancellation).ConfigureAwait(false);
            if (fault is not null)
            {
                return UpstreamReply.Failed(fault);
            }

            var (status, type, body, challenge) = answer!.Value;
            if (status != 401 || settings.OAuth is null || attempt > 0)
            {
                return UpstreamReply.Result(Encoding.UTF8.GetBytes(ApiAnswer.Result(operation, status, type, body, settings.OpenApi!).ToJsonString()));
            }

            if (await auth.ChallengedAsync(token, status, challenge, cancellation).ConfigureAwait(false) is { } refused)
            {
                return UpstreamReply.Failed(refused);
            }
        }
    }

    private async ValueTask<((int Status, System.Net.Http.Headers.MediaTypeHeaderValue? Type, byte[] Body, string? Challenge)? Answer, UpstreamFault? Fault)> FetchAsync(
        HttpRequestMessage request, int maxBytes, CancellationToken cancellation)
    {
        var calls = new HttpFaults(settings.Id, maxBytes);
        try
        {
            using (request)
            {
                using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
                var body = await BoundedBody.ReadAsync(response.Content, maxBytes, cancellation).ConfigureAwait(false);
                return (((int)response.StatusCode, response.Content.Headers.ContentType, body, response.Headers.WwwAuthenticate.FirstOrDefault()?.ToString()), null);
            }
        }
        catch (MessageTooLargeException)
        {
            return (null, Faults.TooLarge(settings.Id, maxBytes));
        }
        catch (HttpRequestException e)
        {
            return (null, calls.FaultOf(e));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return (null, Faults.BrokenOff(settings.Id));
        }
    }
}
