using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Configuration;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Accounts;

public sealed class RevocationTests
{
    private const string Long = "sim?tokens=10000&rate=50";
    private const string Other = "gw-another-key-00000000000000000000000000000000000";
    private long _version = 4_000_000_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What may take a key away, as a change of the configuration's text.</summary>
    public static TheoryData<string, string, string> Ways { get; } = new()
    {
        { "blocked", ", user: u", ", user: u, enabled: false" },
        { "deleted", "main:", "main-no-more:" },
        { "replaced", EdgeHost.Key, "gw-a-new-value-0000000000000000000000000000000000" },
        { "user blocked", "u: {}", "u: { enabled: false }" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Cut_ends_a_stream_with_an_error_event_and_settles_what_was_used(string way, string from, string to)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "users: { u: {} }\nsettings: { onRevoke: cut }", ", user: u");
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var response = await edge.ChatAsync(Long, "\"stream\":true");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
        using var reader = new StreamReader(stream);
        await NextAsync(reader);
        // A deleted key leaves one of another value behind, so that its own is gone.
        Apply(edge, way == "deleted" ? yaml.Replace("main: { value: " + EdgeHost.Key, "main-no-more: { value: " + Other, StringComparison.Ordinal) : yaml.Replace(from, to, StringComparison.Ordinal));
        var started = Stopwatch.GetTimestamp();
        var last = await LastAsync(reader);
        TestContext.Current.SendDiagnosticMessage($"{way}: cut after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms");
        Assert.Equal("api_key_revoked", JsonNode.Parse(last)!["error"]!["code"]!.GetValue<string>());
        var record = (await edge.RecordsAsync(1)).Single();
        Assert.Equal((RequestOutcome.KeyRevoked, "api_key_revoked", true), (record.Outcome, record.ErrorCode, record.Estimated));
        Assert.True(record.CostNanoUsd > 0 && record.Tokens.Output is > 0 and < 10_000);
    }

    [Theory]
    [InlineData("/v1/messages", "\"max_tokens\":10000,\"stream\":true", "event: error")]
    [InlineData("/v1/responses", "\"stream\":true", "response.failed")]
    public async Task The_error_is_in_the_callers_dialect(string path, string more, string expected)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "settings: { onRevoke: cut }", ", enabled: true");
        await using var edge = await EdgeHost.StartAsync(yaml);
        var body = path == "/v1/responses" ? $$"""{"model":"{{Long}}","input":"hello",{{more}}}""" : EdgeHost.Chat(Long, more);
        using var response = await edge.PostAsync(path, body);
        await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
        using var reader = new StreamReader(stream);
        await NextAsync(reader);
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        var rest = new StringBuilder();
        await ReadToEndAsync(reader, rest);
        Assert.Contains(expected, rest.ToString(), StringComparison.Ordinal);
        Assert.Contains("blocked", rest.ToString(), StringComparison.Ordinal);
        Assert.Equal(RequestOutcome.KeyRevoked, (await edge.RecordsAsync(1)).Single().Outcome);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("settings: { onRevoke: finish }", "")]
    [InlineData("settings: { onRevoke: cut }", ", onRevoke: finish")]
    public async Task Finish_lets_a_stream_come_to_its_end_and_nothing_new_begin(string settings, string keyMore)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, settings, ", enabled: true" + keyMore);
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var response = await edge.ChatAsync("sim?tokens=30&rate=100", "\"stream\":true");
        await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
        using var reader = new StreamReader(stream);
        await NextAsync(reader);
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        using (var refused = await edge.ChatAsync("sim"))
        {
            await EdgeHost.ErrorAsync(refused, 401, "api_key_blocked");
        }

        Assert.Equal("[DONE]", await LastAsync(reader));
        Assert.Equal(RequestOutcome.Completed, (await edge.RecordsAsync(1)).Single().Outcome);
    }

    [Fact]
    public async Task Cut_ends_plain_calls_under_way_and_settles_them()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, keyMore: ", onRevoke: cut, enabled: true");
        await using var edge = await EdgeHost.StartAsync(yaml);
        var call = edge.ChatAsync("sim?latency=600000");
        await Eventually.TrueAsync(() => simulator.Received.Count == 1, "the provider was not called");
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        using var response = await call;
        await EdgeHost.ErrorAsync(response, 401, "api_key_revoked");
        var record = (await edge.RecordsAsync(1)).Single();
        Assert.Equal((RequestOutcome.KeyRevoked, 401, true), (record.Outcome, record.Status, record.Estimated));
    }

    [Fact]
    public async Task Only_requests_of_the_value_that_was_taken_away_are_cut_and_a_key_let_in_again_works()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "settings: { onRevoke: cut }", ", enabled: true").Replace("keys:\n", $"keys:\n  other: {{ value: {Other} }}\n", StringComparison.Ordinal);
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("sim?tokens=30&rate=100", "\"stream\":true"), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", Other);
        using var others = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        using (var refused = await edge.ChatAsync("sim"))
        {
            await EdgeHost.ErrorAsync(refused, 401, "api_key_blocked");
        }

        Apply(edge, yaml);
        using var stream = await edge.ChatAsync("sim?tokens=3", "\"stream\":true");
        Assert.EndsWith("[DONE]\n\n", await stream.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.EndsWith("[DONE]\n\n", await others.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_ends_a_realtime_session_with_an_error_event()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "settings: { onRevoke: cut }", ", enabled: true");
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + EdgeHost.Key);
        await socket.ConnectAsync(new UriBuilder(new Uri(edge.Address, "/v1/realtime?model=sim")) { Scheme = "ws" }.Uri, Cancel);
        var buffer = new byte[64 * 1024];
        await socket.ReceiveAsync(buffer, Cancel);
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        var received = await socket.ReceiveAsync(buffer, Cancel);
        Assert.Contains("api_key_revoked", Encoding.UTF8.GetString(buffer, 0, received.Count), StringComparison.Ordinal);
        received = await socket.ReceiveAsync(buffer, Cancel);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.PolicyViolation), (received.MessageType, socket.CloseStatus));
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        Assert.Equal(RequestOutcome.KeyRevoked, (await edge.RecordsAsync(1)).Single().Outcome);
    }

    [Fact]
    public async Task Cut_breaks_off_what_is_passed_through()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, "settings: { onRevoke: cut }", ", enabled: true");
        await using var edge = await EdgeHost.StartAsync(yaml);
        using var response = await edge.PostAsync("/passthrough/sim/chat/completions", EdgeHost.Chat(Long, "\"stream\":true"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync(Cancel);
        using var reader = new StreamReader(stream);
        await NextAsync(reader);
        Apply(edge, yaml.Replace("enabled: true", "enabled: false", StringComparison.Ordinal));
        await ReadToEndAsync(reader, new StringBuilder());
        var record = (await edge.RecordsAsync(1)).Single();
        Assert.Equal(RequestOutcome.KeyRevoked, record.Outcome);
        Assert.True(record.Tokens.Output > 0);
    }

    private void Apply(EdgeHost edge, string yaml)
    {
        var result = GatewayFile.Parse(yaml, new GatewayFileOptions { Version = ++_version });
        Assert.True(result.Errors.Count == 0, string.Join('\n', result.Errors));
        Assert.Empty(edge.Services.GetRequiredService<RuntimeHolder>().Apply(result.Snapshot!));
    }

    /// <summary>Reads until the answer has begun in earnest: the first events of a stream may hold no text.</summary>
    private static async Task NextAsync(StreamReader reader)
    {
        for (var events = 0; events < 4;)
        {
            var line = await reader.ReadLineAsync(Cancel) ?? throw new EndOfStreamException();
            events += line.StartsWith("data:", StringComparison.Ordinal) ? 1 : 0;
        }
    }

    /// <summary>The last event's data, whether the stream ends in order or is broken off.</summary>
    private static async Task<string> LastAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        await ReadToEndAsync(reader, text);
        return text.ToString().Split('\n').Last(static l => l.StartsWith("data:", StringComparison.Ordinal))["data:".Length..].Trim();
    }

    private static async Task ReadToEndAsync(StreamReader reader, StringBuilder text)
    {
        try
        {
            while (await reader.ReadLineAsync(Cancel) is { } line)
            {
                text.Append(line).Append('\n');
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Broken off, as clients of some dialects need it to be.
        }
    }
}
