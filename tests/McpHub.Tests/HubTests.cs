using Gateway.Tests;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace Gateway.McpHub.Tests;

/// <summary>The hub as the SDK's own client sees it.</summary>
public sealed class HubTests : IAsyncLifetime
{
    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.McpHub");

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task A_client_connects_pings_and_sees_an_empty_catalogue()
    {
        await using var client = await ConnectAsync();

        Assert.Equal("gateway", client.ServerInfo?.Name);
        Assert.NotNull(client.ServerCapabilities?.Tools);
        Assert.False(string.IsNullOrEmpty(client.SessionId));
        await client.PingAsync(cancellationToken: Cancel);
        Assert.Empty(await client.ListToolsAsync(cancellationToken: Cancel));
        var error = await Assert.ThrowsAsync<McpProtocolException>(
            async () => await client.CallToolAsync("no_such_tool", cancellationToken: Cancel));
        Assert.Equal(McpErrorCode.InvalidParams, error.ErrorCode);
        Assert.Contains("no_such_tool", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_clients_have_sessions_of_their_own_and_leave_none_behind()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ConnectAsync()));

        Assert.Equal(10, clients.Select(c => c.SessionId).Distinct().Count());
        Assert.Contains("gateway_mcp_sessions 10\n", await service.Client.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        await Task.WhenAll(clients.Select(async c => Assert.Empty(await c.ListToolsAsync(cancellationToken: Cancel))));
        await Task.WhenAll(clients.Select(c => c.DisposeAsync().AsTask()));

        Assert.Contains("gateway_mcp_sessions 0\n", await service.Client.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hub_stops_at_once_though_a_client_holds_its_stream_open()
    {
        await using var client = await ConnectAsync();
        await client.PingAsync(cancellationToken: Cancel);

        Assert.Equal(0, await service.StopAsync());
    }

    private Task<McpClient> ConnectAsync() => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(service.Client.BaseAddress!, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { [ServiceProcess.TokenHeader] = ServiceProcess.Token },
            MaxReconnectionAttempts = 0,
        }),
        new McpClientOptions { ProtocolVersion = "2025-11-25" },
        cancellationToken: Cancel);
}
