using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;

namespace Gateway.Dialects.Tests;

/// <summary>Each dialect's report of the classes that only some models have.</summary>
public sealed class UsageClassesTests
{
    [Theory]
    [InlineData(DialectId.Anthropic, """{"usage":{"input_tokens":5,"cache_creation_input_tokens":30,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":3,"server_tool_use":{"web_search_requests":2},"service_tier":"priority"}}""", "in 5 read 7 write 10 hour 20 out 3 searches 2 Priority")]
    [InlineData(DialectId.Anthropic, """{"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":20},"output_tokens":3,"service_tier":"batch"}}""", "in 5 hour 3 out 3 Batch")]
    [InlineData(DialectId.BedrockConverse, """{"usage":{"inputTokens":5,"outputTokens":3,"cacheWriteInputTokens":30,"cacheDetails":[{"ttl":"1h","inputTokens":20},{"inputTokens":10,"ttl":"5m"},7]}}""", "in 5 write 10 hour 20 out 3")]
    [InlineData(DialectId.OpenAIChat, """{"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":40,"audio_tokens":30,"image_tokens":20,"cached_tokens_details":{"audio_tokens":10,"image_tokens":5,"text_tokens":25}},"completion_tokens_details":{"image_tokens":40}}}""", "in 25 read 25 audio 20 audioread 10 image 15 imageread 5 out 10 imageout 40")]
    [InlineData(DialectId.OpenAIResponses, """{"usage":{"input_tokens":100,"output_tokens":50,"total_tokens":150,"input_tokens_details":{"cached_tokens":0,"image_tokens":20},"output_tokens_details":{"reasoning_tokens":10,"image_tokens":15}}}""", "in 80 image 20 out 25 reasoning 10 imageout 15")]
    [InlineData(DialectId.Gemini, """{"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":60,"totalTokenCount":160,"trafficType":"ON_DEMAND_FLEX","promptTokensDetails":[{"modality":"TEXT","tokenCount":50},{"modality":"AUDIO","tokenCount":30},{"modality":"IMAGE","tokenCount":20}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10},{"modality":"IMAGE","tokenCount":5},{"modality":"TEXT","tokenCount":25}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":58}]}}""", "in 25 read 25 audio 20 audioread 10 image 15 imageread 5 out 2 imageout 58 Flex")]
    public void Classes_are_read_disjoint(DialectId dialect, string answer, string expected)
    {
        Assert.Equal(AnswerUsage.Found, Read(dialect, answer, out var counts));
        Assert.Equal(expected, Say(counts));
    }

    [Fact]
    public void No_writer_loses_a_token_and_each_keeps_the_classes_that_its_dialect_has()
    {
        var figure = Gen.Choose(0, 5_000).Select(static n => (long)n);
        var counts = figure.ArrayOf(12).Select(static f => new TokenCounts
        {
            Input = f[0], CacheRead = f[1], CacheWrite = f[2], CacheWriteHour = f[3], Output = f[4], Reasoning = f[5], AudioInput = f[6], AudioCacheRead = f[7], AudioOutput = f[8], ImageInput = f[9],
            ImageCacheRead = f[10], ImageOutput = f[11],
        });
        Prop.ForAll(counts.ToArbitrary(), static c =>
        {
            foreach (var dialect in (ReadOnlySpan<DialectId>)[DialectId.Anthropic, DialectId.BedrockConverse, DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Gemini])
            {
                Assert.Equal(AnswerUsage.Found, Read(dialect, Write(dialect, c), out var read));
                Assert.Equal((c.Prompt, c.Generated), (read.Prompt, read.Generated));
                if (dialect is DialectId.Anthropic or DialectId.BedrockConverse)
                {
                    Assert.Equal((c.CacheWrite, c.CacheWriteHour), (read.CacheWrite, read.CacheWriteHour));
                }
                else
                {
                    Assert.Equal((c.AudioInput, c.AudioCacheRead, c.AudioOutput), (read.AudioInput, read.AudioCacheRead, read.AudioOutput));
                    Assert.Equal((c.ImageInput, c.ImageCacheRead, c.ImageOutput), (read.ImageInput, read.ImageCacheRead, read.ImageOutput));
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    private static AnswerUsage Read(DialectId dialect, string answer, out TokenCounts counts) =>
        dialect == DialectId.OpenAIChat ? UsageReader.ReadAnswer(Encoding.UTF8.GetBytes(answer), out counts) : AnswerUsages.Read(dialect, Encoding.UTF8.GetBytes(answer), out counts);

    private static string Write(DialectId dialect, in TokenCounts counts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            switch (dialect)
            {
                case DialectId.Gemini:
                    GeminiUsage.Write(json, counts);
                    break;
                case DialectId.OpenAIResponses:
                    ResponsesUsage.Write(json, counts);
                    break;
                case DialectId.OpenAIChat:
                    json.WritePropertyName("usage");
                    OpenAIUsage.Write(json, counts);
                    break;
                default:
                    json.WriteStartObject("usage");
                    if (dialect == DialectId.Anthropic)
                    {
                        AnthropicUsage.WriteMembers(json, counts);
                    }
                    else
                    {
                        BedrockUsage.WriteMembers(json, counts);
                    }

                    json.WriteEndObject();
                    break;
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string Say(in TokenCounts c)
    {
        var text = new StringBuilder();
        foreach (var (name, count) in (ReadOnlySpan<(string, long)>)[("in", c.Input), ("read", c.CacheRead), ("write", c.CacheWrite), ("hour", c.CacheWriteHour), ("audio", c.AudioInput),
            ("audioread", c.AudioCacheRead), ("image", c.ImageInput), ("imageread", c.ImageCacheRead), ("out", c.Output), ("reasoning", c.Reasoning), ("audioout", c.AudioOutput),
            ("imageout", c.ImageOutput), ("searches", c.WebSearches)])
        {
            text.Append(count == 0 ? "" : $"{name} {count} ");
        }

        return (c.Tier == ReportedTier.Unknown ? text : text.Append(c.Tier)).ToString().TrimEnd();
    }
}
