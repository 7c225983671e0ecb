using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gateway.LlmSimulator.Answers;

namespace Gateway.LlmSimulator.Serving;

/// <summary>
/// An answer written straight to the socket with its own HTTP framing, so that it can stop at an exact byte. Sound because
/// Kestrel writes nothing while a request is being answered; the connection is never used again.
/// </summary>
internal sealed class RawWire(HttpContext context, Socket socket, int headerByteDelayMs, CancellationToken stopping) : IWire
{
    private bool _chunked;

    public async ValueTask<bool> StartAsync(AnswerHead head)
    {
        _chunked = head.ContentLength is null;
        var text = new StringBuilder("HTTP/1.1 ").Append(head.Status.ToString(CultureInfo.InvariantCulture)).Append(head.Status == StatusCodes.Status200OK ? " OK" : " Fault").Append("\r\n");
        foreach (var (name, value) in head.Headers)
        {
            _ = text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        _ = _chunked
            ? text.Append("transfer-encoding: chunked\r\n")
            : text.Append(CultureInfo.InvariantCulture, $"content-length: {head.ContentLength}\r\n");
        var bytes = Encoding.ASCII.GetBytes(text.Append("connection: close\r\n\r\n").ToString());
        if (headerByteDelayMs == 0)
        {
            return await SendAsync(bytes).ConfigureAwait(false);
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            if (!await SendAsync(bytes.AsMemory(i, 1)).ConfigureAwait(false))
            {
                return false;
            }

            await Task.Delay(headerByteDelayMs, stopping).ConfigureAwait(false);
        }

        return true;
    }

    public ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!_chunked)
        {
            return SendAsync(bytes);
        }

        var framed = new Utf8Buffer(bytes.Length + 16);
        return SendAsync(framed.Add(bytes.Length.ToString("x", CultureInfo.InvariantCulture)).Add("\r\n"u8).Add(bytes.Span).Add("\r\n"u8).Written);
    }

    public async ValueTask EndAsync()
    {
        if (_chunked)
        {
            _ = await SendAsync("0\r\n\r\n"u8.ToArray()).ConfigureAwait(false);
        }

        await BreakAsync(reset: false).ConfigureAwait(false);
    }

    public ValueTask BreakAsync(bool reset)
    {
        try
        {
            if (reset)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Close();
            }
            else
            {
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }

        context.Abort();
        return default;
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, stopping).ConfigureAwait(false)..];
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
