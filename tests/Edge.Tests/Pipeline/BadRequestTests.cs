using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Usage;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Pipeline;

public sealed class BadRequestTests
{
    [Theory]
    [InlineData("", 400, "empty_body", null)]
    [InlineData("{", 400, "invalid_json", null)]
    [InlineData("[]", 400, "invalid_json", null)]
    [InlineData("{\"model\":\"sim\"}", 400, "missing_required_parameter", "messages")]
    [InlineData("{\"messages\":[]}", 400, "missing_required_parameter", "model")]
    [InlineData("{\"model\":5,\"messages\":[]}", 400, "invalid_value", "model")]
    [InlineData("{\"model\":\"sim\",\"messages\":\"x\"}", 400, "invalid_value", "messages")]
    [InlineData("{\"model\":\"sim\",\"messages\":[],\"stream\":1}", 400, "invalid_value", "stream")]
    [InlineData("{\"model\":\"sim\",\"model\":\"sim\",\"messages\":[]}", 400, "duplicate_parameter", "model")]
    [InlineData("{\"model\":\"nope\",\"messages\":[]}", 404, "model_not_found", "model")]
    public async Task A_bad_body_is_the_callers_and_costs_nothing(string body, int status, string code, string? param)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync("/v1/chat/completions", body);
        var error = await EdgeHost.ErrorAsync(response, status, code);
        Assert.Equal(param, error["param"]?.GetValue<string>());
        Assert.Equal("client", error["fault"]!.GetValue<string>());
        Assert.Empty(simulator.Received);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal(RequestOutcome.Rejected, record.Outcome);
        Assert.Equal(code, record.ErrorCode);
        Assert.Equal(0, record.CostNanoUsd);
    }

    [Fact]
    public async Task Too_deep_too_large_and_wrong_type_have_codes_of_their_own()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { maxRequestBytes: 4096, maxJsonDepth: 16 }");
        var deep = new string('[', 50) + new string(']', 50);
        using var tooDeep = await edge.ChatAsync("sim", $"\"x\":{deep}");
        await EdgeHost.ErrorAsync(tooDeep, 400, "json_too_deep");
        using var tooLarge = await edge.ChatAsync("sim", $"\"x\":\"{new string('x', 5000)}\"");
        await EdgeHost.ErrorAsync(tooLarge, 413, "request_too_large");
        using var form = await edge.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded"), TestContext.Current.CancellationToken);
        await EdgeHost.ErrorAsync(form, 415, "unsupported_content_type");
        using var zipped = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("x", Encoding.UTF8, "application/json") };
        zipped.Content.Headers.ContentEncoding.Add("gzip");
        using var compressed = await edge.Client.SendAsync(zipped, TestContext.Current.CancellationToken);
        await EdgeHost.ErrorAsync(compressed, 415, "unsupported_content_encoding");
        using var get = await edge.Client.GetAsync(new Uri("/v1/chat/completions", UriKind.Relative), TestContext.Current.CancellationToken);
        await EdgeHost.ErrorAsync(get, 405, "method_not_allowed");
        Assert.Equal("POST", get.Content.Headers.Allow.Single());
        using var nowhere = await edge.PostAsync("/v1/nothing", "{}");
        await EdgeHost.ErrorAsync(nowhere, 404, "not_found");
        Assert.Empty(simulator.Received);
    }

    [Fact]
    public async Task A_chunked_body_over_the_limit_is_refused_before_it_is_all_read()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { maxRequestBytes: 4096 }");
        Assert.StartsWith("HTTP/1.1 413", await RawAsync(edge, $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {EdgeHost.Key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n{new string('x', 0x2000)}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_in_the_middle_of_an_oversize_body_still_gets_the_answer()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { maxRequestBytes: 4096 }");
        for (var i = 0; i < 10; i++)
        {
            using var response = await edge.ChatAsync("sim", $"\"x\":\"{new string('x', 8 * 1024 * 1024)}\"");
            await EdgeHost.ErrorAsync(response, 413, "request_too_large");
        }
    }

    [Theory]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n", "400")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "400")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", "400")]
    [InlineData("POST /v1/chat/completions HTTP/9.9\r\nHost: x\r\n\r\n", "505")]
    [InlineData("nonsense\r\n\r\n", "400")]
    public async Task Broken_http_gets_an_error_status_and_never_hangs(string request, string status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        Assert.StartsWith("HTTP/1.1 " + status, await RawAsync(edge, request.Replace("{key}", EdgeHost.Key, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_in_the_middle_of_the_body_leaves_a_record_and_no_call()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var socket = await ConnectAsync(edge))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {EdgeHost.Key}\r\nContent-Length: 100\r\n\r\n{{\"model\""), TestContext.Current.CancellationToken);
        }

        await edge.RecordsAsync(1);
        Assert.Empty(simulator.Received);
    }

    [Theory]
    [InlineData(null, "missing_api_key")]
    [InlineData("Bearer gw-unknown", "invalid_api_key")]
    [InlineData("Bearer ", "missing_api_key")]
    [InlineData("Basic abc", "invalid_api_key")]
    public async Task A_bad_key_is_refused_and_not_recorded(string? authorization, string code)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var client = new HttpClient { BaseAddress = edge.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("sim"), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var error = await EdgeHost.ErrorAsync(response, 401, code);
        Assert.Equal("authentication_error", error["type"]!.GetValue<string>());
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().ToString());
        await edge.RecordsAsync(0);
    }

    [Fact]
    public async Task The_naughty_strings_pass_through_untouched()
    {
        var file = Path.Combine(SourceTree.SharedData, "robustness", "blns", "blns.json");
        Assert.SkipUnless(File.Exists(file), $"{file} is not there");
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        foreach (var text in JsonSerializer.Deserialize<string[]>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!)
        {
            var body = $$"""{"model":"sim","messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]}""";
            using var response = await edge.PostAsync("/v1/chat/completions", body);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(body, simulator.Received[^1].BodyText);
        }
    }

    private static async Task<Socket> ConnectAsync(EdgeHost edge)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(edge.Address.Host, edge.Address.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<string> RawAsync(EdgeHost edge, string request)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var socket = await ConnectAsync(edge);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), limit.Token);
        var buffer = new byte[4096];
        var length = await stream.ReadAtLeastAsync(buffer, 12, throwOnEndOfStream: false, limit.Token);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
