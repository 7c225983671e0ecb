using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Sse;

namespace Gateway.Dialects.Tests.Sse;

public sealed class SseFrameReaderTests
{
    private static readonly string[] _pieces =
        ["data: a\n\n", "data: b\r\n\r\n", "data: c\r\r", ": comment\n\n", "event: x\ndata: 1\ndata: 2\n\n", "data: äöü€😀\n\n", "\n", "data\n\n", "id: 3\r\ndata: [DONE]\r\n\r\n", "data:{\"a\":\"\\n\"}\n\n"];

    [Fact]
    public void Any_split_into_pieces_gives_the_same_payloads_and_all_the_bytes()
    {
        var streams = Gen.Elements(_pieces).ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        var cases =
            from stream in streams
            from sizes in Gen.Choose(1, 9).NonEmptyListOf()
            select (stream, sizes: sizes.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var whole = Read(c.stream, [int.MaxValue]);
            var pieces = Read(c.stream, c.sizes);
            Assert.Equal(whole.Payloads, pieces.Payloads);
            Assert.Equal(c.stream, pieces.Bytes);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Several_data_lines_are_joined()
    {
        Assert.Equal(["1\n2"], Read("event: x\ndata: 1\ndata: 2\n\n"u8.ToArray(), [3]).Payloads);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_line()
    {
        Assert.Equal(["x"], Read(Encoding.UTF8.GetBytes("\uFEFFdata: x\n\n"), [2]).Payloads);
    }

    [Fact]
    public void An_event_that_never_ends_overflows_instead_of_growing_for_ever()
    {
        using var reader = new SseFrameReader(maxFrameBytes: 10_000);
        for (var i = 0; i < 20 && !reader.Overflowed; i++)
        {
            var memory = reader.GetMemory();
            memory.Span[..1000].Fill((byte)'x');
            reader.Advance(1000);
            Assert.False(reader.TryRead(out _));
        }

        Assert.True(reader.Overflowed);
    }

    [Fact]
    public void A_large_event_arrives_whole()
    {
        var payload = new string('x', 300_000);
        Assert.Equal([payload], Read(Encoding.UTF8.GetBytes($"data: {payload}\n\n"), [8191]).Payloads);
    }

    private static (List<string> Payloads, byte[] Bytes) Read(byte[] stream, int[] sizes)
    {
        using var reader = new SseFrameReader();
        var payloads = new List<string>();
        var bytes = new List<byte>();
        var turn = 0;
        for (var at = 0; at < stream.Length;)
        {
            var memory = reader.GetMemory();
            var size = Math.Min(Math.Min(sizes[turn++ % sizes.Length], stream.Length - at), memory.Length);
            stream.AsSpan(at, size).CopyTo(memory.Span);
            reader.Advance(size);
            at += size;
            while (reader.TryRead(out var frame))
            {
                bytes.AddRange(frame.Span);
                if (Encoding.UTF8.GetString(SseData.Find(frame).Span) is { Length: > 0 } payload)
                {
                    payloads.Add(payload);
                }
            }
        }

        // What is left is either part of an event or the LF of a CRLF that was cut in two.
        bytes.AddRange(stream.AsSpan(bytes.Count));
        return (payloads, [.. bytes]);
    }
}
