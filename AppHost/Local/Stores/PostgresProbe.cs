using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Asks a Postgres server whether it takes connections, in its own protocol and without logging in.</summary>
internal static class PostgresProbe
{
    private const int ProtocolVersion3 = 196608;
    private const byte AuthenticationRequest = (byte)'R';

    /// <summary>True when the server asks for a password; it refuses with an error while it starts.</summary>
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        var parameters = Encoding.ASCII.GetBytes("user\0postgres\0database\0postgres\0\0");
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), ProtocolVersion3);
        parameters.CopyTo(message, 8);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            var stream = client.GetStream();
            await stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            var answer = new byte[1];
            await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
            return answer[0] == AuthenticationRequest;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
