using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Load.Clients;

/// <summary>
/// Requests at a fixed rate whatever the answers do. Every request has its time; one that could not be sent because its
/// connection still waited counts from that time, so that a stall is not hidden by the requests it kept from being sent.
/// A late timer of this client is its own fault and does not count.
/// </summary>
internal static class OpenLoop
{
    /// <returns>Latencies in milliseconds, sorted, of the requests after the first second; and how many were not 200.</returns>
    public static async Task<(double[] Sorted, int Errors)> RunAsync(int port, string body, string key, int perSecond, int seconds, CancellationToken cancellationToken)
    {
        const int Connections = 8;
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
        var results = new List<double>[Connections];
        var errors = 0;
        var ends = new TaskCompletionSource[Connections];
        for (var c = 0; c < Connections; c++)
        {
            var (connection, end, latencies) = (c, ends[c] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), results[c] = []);

            // Blocking threads: one switch from the packet to the clock, where a thread pool would add its own queue to what is measured.
            var thread = new Thread(() =>
            {
                try
                {
                    _ = Interlocked.Add(ref errors, Send(port, body, key, start, connection, Connections, perSecond, seconds, latencies, cancellationToken));
                    end.SetResult();
                }
                catch (Exception e)
                {
                    end.SetException(e);
                }
            })
            { IsBackground = true };
            thread.Start();
        }

        await Task.WhenAll(ends.Select(e => e.Task)).ConfigureAwait(false);
        var all = results.SelectMany(r => r).ToArray();
        Array.Sort(all);
        return (all, errors);
    }

    private static int Send(int port, string body, string key, long start, int connection, int connections, int perSecond, int seconds, List<double> latencies, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        socket.Connect(IPAddress.Loopback, port);
        var request = Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        var buffer = new byte[65536];
        var errors = 0;
        for (long i = connection; i < (long)perSecond * seconds && !cancellationToken.IsCancellationRequested; i += connections)
        {
            var due = start + (i * Stopwatch.Frequency / perSecond);
            var counted = due;
            for (var now = Stopwatch.GetTimestamp(); now < due; now = Stopwatch.GetTimestamp())
            {
                _ = cancellationToken.WaitHandle.WaitOne(Math.Max(1, (int)((due - now) * 1000 / Stopwatch.Frequency)));
                counted = Stopwatch.GetTimestamp();
            }

            _ = socket.Send(request);
            errors += Receive(socket, buffer) ? 0 : 1;
            if (i >= perSecond)
            {
                latencies.Add(Stopwatch.GetElapsedTime(counted).TotalMilliseconds);
            }
        }

        return errors;
    }

    /// <summary>Reads one answer with a content length or in chunks.</summary>
    private static bool Receive(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (true)
        {
            var n = socket.Receive(buffer, filled, buffer.Length - filled, SocketFlags.None);
            if (n == 0)
            {
                throw new IOException("The connection was closed in the middle of an answer: " + Encoding.UTF8.GetString(buffer, 0, filled));
            }

            filled += n;
            var seen = buffer.AsSpan(0, filled);
            var head = seen.IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            var text = Encoding.ASCII.GetString(seen[..(head + 2)]);
            var at = text.IndexOf("content-length: ", StringComparison.OrdinalIgnoreCase);
            var whole = at < 0
                ? seen.EndsWith("0\r\n\r\n"u8)
                : filled >= head + 4 + int.Parse(text.AsSpan(at + 16, text.IndexOf('\r', at) - at - 16), System.Globalization.CultureInfo.InvariantCulture);
            if (whole)
            {
                return text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            }
        }
    }
}
