using System.Buffers;
using System.Text;
using Gateway.Dialects.Framing;

namespace Gateway.Dialects.Tests.Framing;

public sealed class FrameReaderTests
{
    [Theory]
    [InlineData("[{\"a\":1},\r\n{\"b\":\"}]\\\"{\"}\n,{\"c\":[{}]}]")]
    [InlineData("{\"a\":1}\n{\"b\":\"}]\\\"{\"}\n{\"c\":[{}]}\n")]
    [InlineData("{\"a\":1}{\"b\":\"}]\\\"{\"}{\"c\":[{}]}")]
    [InlineData("\uFEFF[ {\"a\":1} , {\"b\":\"}]\\\"{\"},{\"c\":[{}]}\r\n]\r\n")]
    public void Objects_come_out_whole_however_the_bytes_are_cut(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            using var reader = new JsonFrameReader();
            var frames = ReadAll(reader, bytes, piece).Select(static f => Encoding.UTF8.GetString(f.Frame)).ToList();
            Assert.Equal(["{\"a\":1}", "{\"b\":\"}]\\\"{\"}", "{\"c\":[{}]}"], frames);
            Assert.False(reader.HasPartialFrame);
            Assert.False(reader.IsMalformed);
        }
    }

    [Fact]
    public void A_cut_object_is_known_to_be_one()
    {
        using var reader = new JsonFrameReader();
        Assert.Single(ReadAll(reader, "[{\"a\":1},{\"b\""u8.ToArray(), 3));
        Assert.True(reader.HasPartialFrame);
    }

    [Fact]
    public void What_is_no_object_is_malformed()
    {
        using var reader = new JsonFrameReader();
        Assert.Empty(ReadAll(reader, "<html>"u8.ToArray(), 64));
        Assert.True(reader.IsMalformed);
    }

    [Fact]
    public void An_object_that_is_too_long_overflows()
    {
        using var reader = new JsonFrameReader(64);
        Assert.Empty(ReadAll(reader, Encoding.UTF8.GetBytes("{\"a\":\"" + new string('x', 100)), 10));
        Assert.True(reader.Overflowed);
    }

    [Fact]
    public void Messages_come_out_whole_however_the_bytes_are_cut()
    {
        var bytes = Messages();
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            using var reader = new EventStreamFrameReader();
            var frames = ReadAll(reader, bytes, piece);
            Assert.Equal(
                ["messageStart {\"role\":\"assistant\"}", "contentBlockDelta {}", "throttlingException {\"message\":\"slow\"}"],
                frames.Select(static f => $"{f.Name} {f.Payload}"));
            Assert.Equal(bytes, frames.SelectMany(static f => f.Frame));
            Assert.False(reader.HasPartialFrame);
        }
    }

    [Fact]
    public void No_flipped_bit_goes_unnoticed()
    {
        var bytes = Messages();
        for (var at = 0; at < bytes.Length; at++)
        {
            var broken = bytes.ToArray();
            broken[at] ^= 0x10;
            using var reader = new EventStreamFrameReader();
            var frames = ReadAll(reader, broken, bytes.Length);
            Assert.True(frames.Count < 3);
            Assert.True(reader.IsMalformed || reader.Overflowed || reader.HasPartialFrame);
        }
    }

    [Fact]
    public void The_checksum_is_the_known_one() => Assert.Equal(0xCBF43926, Crc32.Compute("123456789"u8));

    private static byte[] Messages()
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamMessage.WriteEvent(output, "messageStart"u8, "{\"role\":\"assistant\"}"u8);
        EventStreamMessage.WriteEvent(output, "contentBlockDelta"u8, "{}"u8);
        EventStreamMessage.WriteException(output, "throttlingException"u8, "{\"message\":\"slow\"}"u8);
        return output.WrittenSpan.ToArray();
    }

    private static List<(byte[] Frame, string Name, string Payload)> ReadAll(IFrameReader reader, byte[] bytes, int piece)
    {
        var frames = new List<(byte[], string, string)>();
        for (var at = 0; at < bytes.Length; at += piece)
        {
            var part = bytes.AsMemory(at, Math.Min(piece, bytes.Length - at));
            while (!part.IsEmpty)
            {
                var room = reader.GetMemory();
                var count = Math.Min(room.Length, part.Length);
                part[..count].CopyTo(room);
                reader.Advance(count);
                part = part[count..];
                while (reader.TryRead(out var frame))
                {
                    var open = reader.Open(frame);
                    frames.Add((frame.ToArray(), Encoding.UTF8.GetString(open.EventName.Span), Encoding.UTF8.GetString(open.Payload.Span)));
                }
            }
        }

        return frames;
    }
}
