using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Edge.Tests.Realtime;

/// <summary>A client of realtime sessions.</summary>
internal static class RealtimeSockets
{
    public const string Create = """{"type":"response.create"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Uri Address(EdgeHost edge, string path) => new(new Uri(edge.Address.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal)), path);

    public static async Task<ClientWebSocket> ConnectAsync(EdgeHost edge, string path, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + EdgeHost.Key);
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(Address(edge, path), Cancel);
        return socket;
    }

    public static async Task<int> RefusedAsync(EdgeHost edge, string path, string key)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader("api-key", key);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(edge, path), Cancel));
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, socket.HttpStatusCode);
        return (int)socket.HttpStatusCode;
    }

    public static Task SendAsync(ClientWebSocket socket, string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, Cancel);

    public static async Task<string?> TypeAsync(ClientWebSocket socket) => (string?)(await ReceiveAsync(socket))?["type"];

    public static async Task<JsonNode> UntilAsync(ClientWebSocket socket, string type)
    {
        while (true)
        {
            var json = await ReceiveAsync(socket);
            Assert.NotNull(json);
            if ((string?)json["type"] == type)
            {
                return json;
            }
        }
    }

    public static async Task<JsonNode?> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        using var whole = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, Cancel);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            whole.Write(buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonNode.Parse(whole.ToArray());
            }
        }
    }
}
