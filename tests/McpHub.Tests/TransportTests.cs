using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Tests;

namespace Gateway.McpHub.Tests;

/// <summary>The wire itself: sessions and what bad input gets.</summary>
public sealed class TransportTests : IAsyncLifetime
{
    private const string Initialize =
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private const string List = """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""";
    private const string Session = "Mcp-Session-Id";

    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.McpHub", ("McpHub:IdleSessionSeconds", "2"));

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task A_session_begins_answers_and_ends()
    {
        var id = await BeginAsync();
        using var initialized = await PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", id);
        Assert.Equal(HttpStatusCode.Accepted, initialized.StatusCode);
        using var list = await PostAsync(List, id);
        Assert.Equal("text/event-stream", list.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"tools\":[]", await list.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var ended = await SendAsync(HttpMethod.Delete, null, id);
        using var after = await PostAsync(List, id);

        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        await AssertErrorAsync(after, HttpStatusCode.NotFound, -32001, "2");
    }

    [Fact]
    public async Task A_session_that_nobody_uses_ends_by_itself_but_an_open_stream_keeps_it()
    {
        var idle = await BeginAsync();
        var kept = await BeginAsync();
        using var stream = await SendAsync(HttpMethod.Get, null, kept, accept: "text/event-stream");
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await service.Client.GetStringAsync("/metrics", Cancel)).Contains("gateway_mcp_sessions 1\n", StringComparison.Ordinal))
        {
            Assert.False(limit.IsCancellationRequested, "the idle session did not end");
            await Task.Delay(50, Cancel);
        }

        using var gone = await PostAsync(List, idle);
        using var there = await PostAsync(List, kept);
        using var second = await SendAsync(HttpMethod.Get, null, kept, accept: "text/event-stream");

        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
    }

    [Fact]
    public async Task A_session_is_unknown_to_every_other_caller()
    {
        var id = await BeginAsync("key-1");
        using var own = await PostAsync(List, id, "key-1");
        using var other = await PostAsync(List, id, "key-2");
        using var ended = await SendAsync(HttpMethod.Delete, null, id, caller: "key-2");

        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, ended.StatusCode);
    }

    [Fact]
    public async Task Bad_messages_get_json_rpc_errors()
    {
        var id = await BeginAsync();
        (string Body, int Code, string? Id)[] cases =
        [
            ("{broken", -32700, null),
            ("", -32700, null),
            ("[]", -32600, null),
            ("7", -32600, null),
            ("{}", -32600, null),
            ("""{"jsonrpc":"1.0","id":"x","method":"ping"}""", -32600, "\"x\""),
            ("""{"jsonrpc":"2.0","id":{},"method":"ping"}""", -32600, null),
        ];
        foreach (var (body, code, requestId) in cases)
        {
            using var response = await PostAsync(body, id);
            await AssertErrorAsync(response, HttpStatusCode.BadRequest, code, requestId);
        }

        using var unknown = await PostAsync("""{"jsonrpc":"2.0","id":3,"method":"no/such"}""", id);
        Assert.Contains("-32601", await unknown.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_http_gets_a_4xx_that_says_what_to_do()
    {
        using var withoutSession = await PostAsync(List, null);
        await AssertErrorAsync(withoutSession, HttpStatusCode.BadRequest, -32000, "2");
        using var unknownSession = await PostAsync(List, "AAAAAAAAAAAAAAAAAAAAAA");
        await AssertErrorAsync(unknownSession, HttpStatusCode.NotFound, -32001, "2");
        using var wrongAccept = await SendAsync(HttpMethod.Post, Initialize, null, accept: "application/json");
        await AssertErrorAsync(wrongAccept, HttpStatusCode.NotAcceptable, -32000, null);
        using var wrongType = await SendAsync(HttpMethod.Post, Initialize, null, contentType: "text/plain");
        await AssertErrorAsync(wrongType, HttpStatusCode.UnsupportedMediaType, -32000, null);
        using var later = await SendAsync(HttpMethod.Post, Initialize, null, version: "2026-07-28");
        await AssertErrorAsync(later, HttpStatusCode.BadRequest, -32602, "1");
        using var never = await SendAsync(HttpMethod.Post, Initialize, null, version: "1999-01-01");
        await AssertErrorAsync(never, HttpStatusCode.BadRequest, -32022, "1");
        using var large = await PostAsync(new string(' ', 5 * 1024 * 1024), null);
        await AssertErrorAsync(large, HttpStatusCode.RequestEntityTooLarge, -32000, null);
        using var put = await SendAsync(HttpMethod.Put, Initialize, null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.StatusCode);
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        service.Client.DefaultRequestHeaders.Remove(ServiceProcess.TokenHeader);

        using var response = await PostAsync(Initialize, null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, int code, string? id)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.StatusCode == status, $"{response.StatusCode} {text}");
        var error = JsonDocument.Parse(text).RootElement;
        Assert.Equal("2.0", error.GetProperty("jsonrpc").GetString());
        Assert.Equal(code, error.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(id ?? "null", error.GetProperty("id").GetRawText());
    }

    private async Task<string> BeginAsync(string? caller = null)
    {
        using var response = await PostAsync(Initialize, null, caller);
        Assert.Contains("\"serverInfo\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        return response.Headers.GetValues(Session).Single();
    }

    private Task<HttpResponseMessage> PostAsync(string body, string? session, string? caller = null)
        => SendAsync(HttpMethod.Post, body, session, caller);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string? body,
        string? session,
        string? caller = null,
        string accept = "application/json, text/event-stream",
        string contentType = "application/json",
        string version = "2025-06-18")
    {
        using var request = new HttpRequestMessage(method, "/mcp");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.Add("MCP-Protocol-Version", version);
        if (session is not null)
        {
            request.Headers.Add(Session, session);
        }

        if (caller is not null)
        {
            request.Headers.Add("x-gateway-caller", caller);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        return await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
