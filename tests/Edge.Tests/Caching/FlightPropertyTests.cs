using System.Text;
using Gateway.Dialects.Sse;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Shared calls under random orders of what can happen.</summary>
public sealed class FlightPropertyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_shares_of_a_call_add_up_to_its_cost_whoever_settles_first()
    {
        var random = new Random(3);
        for (var i = 0; i < 2_000; i++)
        {
            using var flight = new Flight();
            flight.Begin(CancellationToken.None);
            var followers = random.Next(12);
            for (var f = 0; f < followers; f++)
            {
                Assert.True(flight.TryFollow());
            }

            for (var left = random.Next(followers + 1); left > 0; left--)
            {
                flight.Leave();
                followers--;
            }

            var cost = random.NextInt64(0, 1_000_000);
            var order = Enumerable.Range(0, followers + 1).ToArray();
            random.Shuffle(order);
            Assert.Equal(cost, order.Sum(who => flight.ShareOf(cost, isLeader: who == 0)));
            Assert.False(flight.TryFollow());
        }
    }

    [Fact]
    public void A_call_is_wanted_as_long_as_anybody_is_there()
    {
        var random = new Random(4);
        for (var i = 0; i < 2_000; i++)
        {
            var table = new FlightTable();
            var key = new FlightKey(new CacheKey(1, 2, 3, (ulong)i), false, false);
            using var leader = new CancellationTokenSource();
            var (flight, isLeader) = table.Join(key, leader.Token);
            Assert.True(isLeader);
            var (followers, isGone) = (0, false);
            for (var step = 0; step < 30; step++)
            {
                switch (random.Next(4))
                {
                    case 0 when !isGone:
                        leader.Cancel();
                        isGone = true;
                        break;
                    case 1 when followers > 0:
                        flight!.Leave();
                        followers--;
                        break;
                    default:
                        var (joined, leads) = table.Join(key, CancellationToken.None);
                        Assert.False(leads);
                        Assert.Equal(!(isGone && followers == 0), joined is not null);
                        followers += joined is null ? 0 : 1;
                        break;
                }

                var isWanted = !isGone || followers > 0;
                Assert.Equal(!isWanted, flight!.Unwanted.IsCancellationRequested);
                if (!isWanted)
                {
                    break;
                }
            }

            table.Remove(key, flight!);
            Assert.Equal(0, table.Count);
            Assert.True(table.Join(key, CancellationToken.None).IsLeader);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_reader_gets_the_whole_stream_whatever_the_order_of_reading(bool breaks)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 400)).Select(i => $"data: {{\"n\":{i},\"x\":\"{new string('x', random.Next(200))}\"}}\n\n"));
            var bytes = Encoding.UTF8.GetBytes(text);
            using var deadline = CallDeadline.Start(60_000, TimeProvider.System, Cancel, CancellationToken.None);
            var source = new StreamSource(new SlowStream(bytes, new Random(seed), breaks), new SseFrameReader(), deadline, 60_000);
            await source.FillAsync();
            var log = new FlightLog(source, 10_000_000);
            var readers = Enumerable.Range(0, 1 + random.Next(6)).Select(i => ReadAsync(log, i == 0, new Random((seed * 100) + i))).ToList();
            var results = await Task.WhenAll(readers);
            Assert.All(results, r => Assert.Equal(breaks, r.Broke));
            Assert.All(results, r => Assert.Equal(text, r.Text));
            Assert.Equal(bytes, log.ToArray());
            await log.CloseAsync(isWhole: !breaks, null);
        }
    }

    [Fact]
    public async Task Beyond_its_bound_only_who_made_the_call_reads_on()
    {
        var text = string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"data: {{\"n\":{i}}}\n\n"));
        using var deadline = CallDeadline.Start(60_000, TimeProvider.System, Cancel, CancellationToken.None);
        var source = new StreamSource(new SlowStream(Encoding.UTF8.GetBytes(text), new Random(1), breaks: false), new SseFrameReader(), deadline, 60_000);
        await source.FillAsync();
        var log = new FlightLog(source, 8_000);
        var owner = ReadAsync(log, isOwner: true, new Random(2));
        var other = await ReadAsync(log, isOwner: false, new Random(3));
        Assert.True(other.Broke);
        Assert.StartsWith(other.Text, text, StringComparison.Ordinal);
        Assert.Equal((text, false), await owner);
        Assert.Null(log.ToArray());
        await log.CloseAsync(isWhole: true, null);
    }

    private static async Task<(string Text, bool Broke)> ReadAsync(FlightLog log, bool isOwner, Random random)
    {
        await using var stream = new FlightStream(log, isOwner);
        var all = new MemoryStream();
        var buffer = new byte[3_000];
        try
        {
            while (true)
            {
                if (random.Next(5) == 0)
                {
                    await Task.Yield();
                }

                var count = await stream.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), Cancel);
                if (count == 0)
                {
                    return (Encoding.UTF8.GetString(all.ToArray()), false);
                }

                all.Write(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            return (Encoding.UTF8.GetString(all.ToArray()), true);
        }
    }

    /// <summary>Gives its bytes in random pieces, some of them later, and breaks off at its end or not.</summary>
    private sealed class SlowStream(byte[] bytes, Random random, bool breaks) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (random.Next(3) == 0)
            {
                await Task.Yield();
            }

            if (_at == bytes.Length)
            {
                return breaks ? throw new IOException("broken") : 0;
            }

            var count = Math.Min(Math.Min(buffer.Length, random.Next(1, 900)), bytes.Length - _at);
            bytes.AsSpan(_at, count).CopyTo(buffer.Span);
            _at += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
