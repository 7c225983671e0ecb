using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Gemini;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class JsonArrayFramesTests
{
    [Theory]
    [InlineData("[]", new string[0])]
    [InlineData("[{\"a\":1}]", new[] { "{\"a\":1}" })]
    [InlineData("\uFEFF [ {\"a\":\"]},{[\\\"\\\\\"}\r\n,\r\n{\"b\":[[],{}]} ]\n", new[] { "{\"a\":\"]},{[\\\"\\\\\"}", "{\"b\":[[],{}]}" })]
    [InlineData("{\"error\":{}}", new[] { "{\"error\":{}}" })]
    public void Elements_are_found_and_nothing_is_lost(string stream, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        foreach (var size in Enumerable.Range(1, bytes.Length))
        {
            Assert.Equal(expected, Read(bytes.Chunk(size), out var joined, out var closed));
            Assert.True(closed);
            Assert.Equal(stream.TrimEnd('\n'), Encoding.UTF8.GetString(joined));
        }
    }

    [Fact]
    public void Any_split_gives_the_same_elements()
    {
        var texts = Gen.Elements("a", "\"", "\\", "{", "}", "[", "]", ",", "ü", "東", "\n", "😀").ListOf().Select(static p => string.Concat(p));
        var streams = from items in texts.NonEmptyListOf()
                      from seed in Gen.Choose(0, 10_000)
                      select (Items: items.Select(static t => System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object> { [t] = new[] { t, t } })).ToArray(), Seed: seed);
        Prop.ForAll(streams.ToArbitrary(), stream =>
        {
            var bytes = Encoding.UTF8.GetBytes("[" + string.Join(stream.Seed % 2 == 0 ? "," : "\r\n, ", stream.Items) + "]");
            Assert.Equal(stream.Items, Read(Pieces.Cut(bytes, stream.Seed).Select(static p => p.ToArray()), out var joined, out var closed));
            Assert.True(closed);
            Assert.Equal(bytes, joined);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void An_array_that_is_cut_is_not_closed()
    {
        Assert.Equal(["{}"], Read([Encoding.UTF8.GetBytes("[{},{\"a\":")], out _, out var closed));
        Assert.False(closed);
    }

    [Fact]
    public void An_element_that_never_ends_is_noticed()
    {
        using var frames = new JsonArrayFrames(100);
        var rest = Encoding.UTF8.GetBytes("[{\"a\":\"" + new string('x', 200));
        rest.CopyTo(frames.GetMemory());
        frames.Advance(rest.Length);
        Assert.False(frames.TryRead(out _));
        Assert.True(frames.Overflowed);
    }

    private static List<string> Read(IEnumerable<byte[]> pieces, out byte[] joined, out bool closed)
    {
        using var frames = new JsonArrayFrames();
        using var all = new MemoryStream();
        var elements = new List<string>();
        foreach (var piece in pieces)
        {
            for (var rest = piece.AsMemory(); !rest.IsEmpty;)
            {
                var room = frames.GetMemory();
                var taken = Math.Min(room.Length, rest.Length);
                rest[..taken].CopyTo(room);
                frames.Advance(taken);
                rest = rest[taken..];
                while (frames.TryRead(out var frame))
                {
                    all.Write(frame.Span);
                    if (JsonArrayFrames.Element(frame) is { IsEmpty: false } element)
                    {
                        elements.Add(Encoding.UTF8.GetString(element.Span));
                    }
                }
            }
        }

        joined = all.ToArray();
        closed = frames.IsClosed;
        return elements;
    }
}
