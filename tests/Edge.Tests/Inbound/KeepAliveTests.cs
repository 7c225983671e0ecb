using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Translation;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>Signs of life on translated streams whose provider sends nothing that the caller can see.</summary>
public sealed class KeepAliveTests
{
    private const string Comment = ": keep-alive\n\n";
    private const string Chat =
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"one\"},\"finish_reason\":null}]}\n\n"
        + ": PROCESSING\n\n: PROCESSING\n\n"
        + "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\ndata: [DONE]\n\n";

    private const string Messages =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
        + "event: ping\ndata: {\"type\":\"ping\"}\n\n"
        + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"one\"}}\n\n"
        + "event: ping\ndata: {\"type\":\"ping\"}\n\n"
        + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\n"
        + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    [Theory]
    [InlineData(DialectId.Anthropic, Chat, "event: ping\n")]
    [InlineData(DialectId.OpenAIResponses, Chat, Comment)]
    [InlineData(DialectId.Gemini, Chat, Comment)]
    [InlineData(DialectId.Cohere, Chat, Comment)]
    [InlineData(DialectId.BedrockConverse, Chat, null)]
    [InlineData(DialectId.OpenAIChat, Messages, Comment)]
    [InlineData(DialectId.Cohere, Messages, Comment)]
    public async Task Pings_and_comments_of_the_provider_become_the_callers_own(DialectId dialect, string stream, string? sign)
    {
        await using var provider = new FixedProvider("text/event-stream", stream);
        var yaml = stream == Messages ? EdgeHost.Configuration(provider.BaseUrl).Replace("sim: { baseUrl", "sim: { kind: anthropic, baseUrl", StringComparison.Ordinal) : EdgeHost.Configuration(provider.BaseUrl);
        await using var edge = await EdgeHost.StartAsync(yaml, services: static s => s.AddSingleton(new KeepAliveSettings(TimeSpan.Zero)));
        var caller = new Caller(dialect);
        using (var raw = await caller.AskAsync(edge, "sim", stream: true))
        {
            var text = Encoding.Latin1.GetString(await raw.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            Assert.Equal(sign is not null, text.Contains(sign ?? "keep-alive", StringComparison.Ordinal));
        }

        using var response = await caller.AskAsync(edge, "sim", stream: true);
        Assert.Equal("one", Caller.Text(await caller.StreamedAsync(response)));
    }

    [Fact]
    public async Task A_gemini_array_has_no_signs_in_it()
    {
        await using var provider = new FixedProvider("text/event-stream", Chat);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(provider.BaseUrl), services: static s => s.AddSingleton(new KeepAliveSettings(TimeSpan.Zero)));
        var caller = new Caller(DialectId.Gemini);
        using var response = await edge.PostAsync("/v1beta/models/sim:streamGenerateContent", caller.Body("sim", "hi", stream: true));
        Assert.Equal("one", Caller.Text(await caller.StreamedAsync(response)));
    }

    [Fact]
    public void There_is_one_sign_for_each_stretch_of_silence()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var output = new ArrayBufferWriter<byte>();
        var life = new KeepAlive(DialectId.OpenAIChat, isArray: false, KeepAliveSettings.Default, time);
        life.Silent(output);
        Assert.Equal(0, output.WrittenCount);
        time.Now += KeepAliveSettings.Default.Silence;
        life.Silent(output);
        life.Silent(output);
        Assert.Equal(Comment, Encoding.UTF8.GetString(output.WrittenSpan));
        time.Now += KeepAliveSettings.Default.Silence;
        life.Wrote();
        life.Silent(output);
        Assert.Equal(Comment.Length, output.WrittenCount);
    }
}
