using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Edge.Tests.Pipeline;

/// <summary>Counts what a governed request allocates in this process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Budget = 4096;
    private const int Warmup = 2_000;
    private const int Requests = 250;
    private const int Rounds = 32;

    private static readonly byte[] _answer = Response(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Hello!"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":60,"completion_tokens":40,"total_tokens":100}}""");

    [Fact]
    public async Task A_governed_request_stays_within_its_allocation_budget()
    {
        using var upstream = new FixedUpstream(_answer);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(
            $"http://127.0.0.1:{upstream.Port}/v1",
            """
            budgets: { k: { limitUsd: 1000000, window: month }, t: { limitUsd: 1000000, window: month } }
            teams: { team: { name: Team, limits: { requestsPerMinute: 1000000000 }, budgets: [t] } }
            """,
            ", team: team, budgets: [k], limits: { requestsPerMinute: 1000000000, tokensPerMinute: 1000000000000 }"));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(edge.Address.Host, edge.Address.Port, TestContext.Current.CancellationToken);
        var body = EdgeHost.Chat("sim", "\"max_tokens\":100,\"temperature\":0.7");
        var request = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {EdgeHost.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        // The client below uses blocking calls on one thread and one buffer: what is allocated is the edge's alone.
        var perRequest = await Task.Factory.StartNew(() => Measure(socket, request), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        TestContext.Current.TestOutputHelper?.WriteLine($"{perRequest:F0} bytes a request");
        Assert.True(perRequest <= Budget, $"{perRequest:F0} bytes a request, {Budget} allowed");
    }

    private static double Measure(Socket socket, byte[] request)
    {
        var buffer = new byte[16 * 1024];
        for (var i = 0; i < Warmup; i++)
        {
            Exchange(socket, request, buffer);
        }

        // Timers of the edge allocate as well, the more the longer the requests take: the quietest round is the one that tells of the requests. Rounds are short, so that one falls between two timers.
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < Requests; i++)
            {
                Exchange(socket, request, buffer);
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests);
        }

        return least;
    }

    private static void Exchange(Socket socket, byte[] request, byte[] buffer)
    {
        socket.Send(request);
        var length = 0;
        while (!EndsWithJson(buffer.AsSpan(0, length)))
        {
            var read = socket.Receive(buffer.AsSpan(length));
            Assert.NotEqual(0, read);
            length += read;
        }

        if (!buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8))
        {
            Assert.Fail(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    private static bool EndsWithJson(ReadOnlySpan<byte> response) => response.EndsWith("}}"u8);

    private static byte[] Response(string json) => Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

    /// <summary>A provider that answers every request with the same bytes and allocates nothing meanwhile.</summary>
    private sealed class FixedUpstream : IDisposable
    {
        private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
        private readonly byte[] _answer;

        public FixedUpstream(byte[] answer)
        {
            _answer = answer;
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            new Thread(Accept) { IsBackground = true, Name = "fixed upstream" }.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public void Dispose() => _listener.Dispose();

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var connection = _listener.Accept();
                    new Thread(() => Serve(connection)) { IsBackground = true }.Start();
                }
            }
            catch (SocketException)
            {
                // The listener was closed: the test is over.
            }
        }

        private void Serve(Socket connection)
        {
            using (connection)
            {
                var buffer = new byte[16 * 1024];
                var length = 0;
                try
                {
                    while (connection.Receive(buffer.AsSpan(length)) is var read && read > 0)
                    {
                        length += read;
                        if (buffer.AsSpan(0, length).EndsWith("}"u8))
                        {
                            connection.Send(_answer);
                            length = 0;
                        }
                    }
                }
                catch (SocketException)
                {
                    // The edge closed its pool.
                }
            }
        }
    }
}
