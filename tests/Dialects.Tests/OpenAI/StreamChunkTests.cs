using System.Text;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class StreamChunkTests
{
    [Theory]
    [InlineData("[DONE]", StreamChunkKind.Done)]
    [InlineData("", StreamChunkKind.Empty)]
    [InlineData("""{"object":"chat.completion.done","choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}""", StreamChunkKind.Done)]
    [InlineData("""{"choices":[{"delta":{"content":"x"}}]}""", StreamChunkKind.Content)]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":1}}""", StreamChunkKind.Usage)]
    [InlineData("""{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}""", StreamChunkKind.Content)]
    [InlineData("""{"error":{"message":"overloaded"}}""", StreamChunkKind.Error)]
    [InlineData("""{"choices":[],"error":null}""", StreamChunkKind.Content)]
    [InlineData("""{"choices":[""", StreamChunkKind.Malformed)]
    [InlineData("7", StreamChunkKind.Malformed)]
    [InlineData("""{"choices":[]} x""", StreamChunkKind.Malformed)]
    public void The_kind_is_told(string payload, StreamChunkKind expected) => Assert.Equal(expected, Read(payload).Kind);

    [Theory]
    [InlineData("""{"id":"1","usage":null,"choices":[]}""", """{"id":"1","choices":[]}""")]
    [InlineData("""{"id":"1","choices":[] , "usage" : null }""", """{"id":"1","choices":[] }""")]
    [InlineData("""{"usage":null,"id":"1"}""", """{"id":"1"}""")]
    [InlineData("""{"usage":null}""", "{}")]
    public void A_null_usage_can_be_taken_out(string payload, string expected)
    {
        var chunk = Read(payload);
        Assert.Equal(expected, payload.Remove(chunk.NullUsageStart, chunk.NullUsageLength));
    }

    [Fact]
    public void Usage_in_groqs_own_place_is_found()
    {
        var chunk = Read("""{"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.1,"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}}""");
        Assert.True(chunk.HasUsage);
        Assert.Equal(new TokenCounts { Input = 3, Output = 2 }, chunk.Tokens);
        Assert.Equal(StreamChunkKind.Content, chunk.Kind);
    }

    [Fact]
    public void Text_of_all_kinds_is_counted_for_the_estimate()
    {
        var chunk = Read("""{"choices":[{"delta":{"content":"abc","reasoning_content":"de","tool_calls":[{"function":{"name":"n","arguments":"{}"}}]}}]}""");
        Assert.Equal(7, chunk.TextBytes);
    }

    private static StreamChunk Read(string payload) => StreamChunk.Read(Encoding.UTF8.GetBytes(payload));
}
