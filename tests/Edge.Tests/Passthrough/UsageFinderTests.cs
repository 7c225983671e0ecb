using System.Text;
using Gateway.Edge.Passthrough;

namespace Gateway.Edge.Tests.Passthrough;

public sealed class UsageFinderTests
{
    [Theory]
    [InlineData("""{"model":"m","usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":3}}}""", 7, 3, 4, "m")]
    [InlineData("""{"type":"response.completed","response":{"model":"m","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":3},"output_tokens":4,"total_tokens":14}}}""", 7, 3, 4, "m")]
    [InlineData("""{"type":"message_start","message":{"model":"m","usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}""", 7, 3, 1, "m")]
    [InlineData("""{"type":"message_delta","usage":{"output_tokens":4}}""", 0, 0, 4, null)]
    [InlineData("""{"modelVersion":"m","usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":3,"candidatesTokenCount":4,"totalTokenCount":14}}""", 7, 3, 4, "m")]
    [InlineData("""[{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1}},{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4}}]""", 10, 0, 4, null)]
    [InlineData("""{"usage":{"inputTokens":7,"outputTokens":4,"totalTokens":14,"cacheReadInputTokens":3}}""", 7, 3, 4, null)]
    [InlineData("""{"usage":{"tokens":{"input_tokens":10,"output_tokens":4}}}""", 10, 0, 4, null)]
    [InlineData("""{"x_groq":{"usage":{"prompt_tokens":10,"completion_tokens":4}}}""", 10, 0, 4, null)]
    public void Usage_is_found_in_every_dialect(string json, long input, long cached, long output, string? model)
    {
        Assert.True(UsageFinder.TryRead(Encoding.UTF8.GetBytes(json), out var counts, out var named));
        Assert.Equal((input, cached, output, model), (counts.Input, counts.CacheRead, counts.Output, named));
    }

    [Theory]
    [InlineData("")]
    [InlineData("usage")]
    [InlineData("\"usage\"")]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":7}""")]
    [InlineData("""{"usage":{"requests":7}}""")]
    [InlineData("""{"usage":{"prompt_tokens":""")]
    [InlineData("""[1,null,[{"a":1}]]""")]
    public void Anything_else_has_none(string json) => Assert.False(UsageFinder.TryRead(Encoding.UTF8.GetBytes(json), out _, out _));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_stream_is_metered_however_it_is_cut(int piece)
    {
        const string text = "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\r\n\r\n: ping\n\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9}}\n\n";
        using var meter = new UsageMeter("text/event-stream; charset=utf-8");
        foreach (var bytes in Encoding.UTF8.GetBytes(text).Chunk(piece))
        {
            meter.Feed(bytes);
        }

        meter.End();
        Assert.True(meter.HasUsage);
        Assert.Equal((7, 9, "m"), (meter.Tokens.Input, meter.Tokens.Output, meter.Model));
    }
}
