using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Load.Clients;

/// <summary>What a crowd of streams saw in the middle of their time.</summary>
/// <param name="SortedDelays">Milliseconds from the simulator's write to our read, per chunk, sorted.</param>
/// <param name="Finished">Streams that ended with <c>[DONE]</c>.</param>
internal sealed record StreamResult(double[] SortedDelays, int Finished);

/// <summary>Many streams at once, each chunk carrying the time it was sent.</summary>
internal static class StreamLoad
{
    /// <param name="port">Where to.</param>
    /// <param name="body">A streamed chat request.</param>
    /// <param name="key">The virtual key.</param>
    /// <param name="streams">How many.</param>
    /// <param name="ramp">Over which time they start.</param>
    /// <param name="window">Called when all have started; returns when the measurement is to end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<StreamResult> RunAsync(int port, string body, string key, int streams, TimeSpan ramp, Func<Task> window, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var measured = new Window();
        var delays = new List<double>[streams];
        var readers = new Task<bool>[streams];
        for (var i = 0; i < streams; i++)
        {
            readers[i] = ReadAsync(port, body, key, ramp * i / streams, delays[i] = [], measured, end.Token);
        }

        await Task.Delay(ramp + TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
        measured.Open = true;
        await window().ConfigureAwait(false);
        measured.Open = false;
        end.CancelAfter(TimeSpan.FromSeconds(30));
        var finished = await Task.WhenAll(readers).ConfigureAwait(false);
        var all = delays.SelectMany(d => d).ToArray();
        Array.Sort(all);
        return new StreamResult(all, finished.Count(f => f));
    }

    private static async Task<bool> ReadAsync(int port, string body, string key, TimeSpan wait, List<double> delays, Window window, CancellationToken cancellationToken)
    {
        await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
        var request = Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        _ = await socket.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var buffer = new byte[4096];
        var kept = 0;
        var done = false;
        try
        {
            int n;
            while ((n = await socket.ReceiveAsync(buffer.AsMemory(kept), cancellationToken).ConfigureAwait(false)) > 0)
            {
                var now = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
                var seen = buffer.AsSpan(0, kept + n);
                done |= seen.IndexOf("[DONE]"u8) >= 0;
                kept = Note(seen, now, window.Open ? delays : null);
                seen[^kept..].CopyTo(buffer);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // A stream that did not finish shows in the count of those that did.
        }

        return done;
    }

    /// <summary>Notes every stamp that is there whole.</summary>
    /// <returns>How many bytes at the end to look at again with the next read.</returns>
    private static int Note(ReadOnlySpan<byte> seen, long now, List<double>? delays)
    {
        const int LongestStamp = 40;
        var mark = "\"x_sent_us\":"u8;
        var from = 0;
        while (seen[from..].IndexOf(mark) is var at and >= 0)
        {
            var digits = from + at + mark.Length;
            if (!Utf8Parser.TryParse(seen[digits..], out long sent, out var used) || digits + used == seen.Length)
            {
                return seen.Length - from - at;
            }

            delays?.Add((now - sent) / 1000.0);
            from = digits + used;
        }

        return Math.Min(LongestStamp, seen.Length - from);
    }

    private sealed class Window
    {
        public volatile bool Open;
    }
}
