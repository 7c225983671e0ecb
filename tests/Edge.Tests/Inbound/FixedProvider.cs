using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>A provider that gives every request the same answer, byte for byte.</summary>
internal sealed class FixedProvider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private readonly Task _serving;

    public FixedProvider(string contentType, string body, int status = 200, string headers = "")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        _answer = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} OK\r\nContent-Type: {contentType}\r\n{headers}Content-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"), .. bytes];
        _listener.Start();
        _serving = ServeAsync();
    }

    public string BaseUrl => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var request = new byte[64 * 1024];
                var length = 0;
                while (!Encoding.ASCII.GetString(request, 0, length).TrimEnd().EndsWith('}'))
                {
                    length += await stream.ReadAsync(request.AsMemory(length));
                }

                await stream.WriteAsync(_answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
