using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Streams of Bedrock's InvokeModel, which carry the events of the model's own API in base64: how they end when a rule ends them.</summary>
public sealed class InvokeModelTests
{
    private const string Path = "/passthrough/sim/model/anthropic.claude-sonnet-4-5/invoke-with-response-stream";
    private const string Events = "application/vnd.amazon.eventstream";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(40)]
    public async Task A_blocked_stream_ends_as_the_models_own_api_ends_one_that_a_filter_ended(int cut)
    {
        var given = Written("this is fine but falcon is not", cut);
        await using var provider = await BytesProvider.StartAsync(Events, Wrapped(given));
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, "keywords", "terms: [ Falcon ], message: Not here."));
        using var response = await edge.PostAsync(Path, """{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal((HttpStatusCode.OK, Events), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var events = Unwrapped(await response.Content.ReadAsByteArrayAsync(Cancel));

        Assert.Equal("this is fine but ", string.Concat(events.Select(static e => JsonElement.Parse(e)).Where(static e => e.GetProperty("type").GetString() == "content_block_delta" && e.GetProperty("index").GetInt32() == 0).Select(static e => e.GetProperty("delta").GetProperty("text").GetString())));
        Assert.Equal("""{"type":"message_start",""", events[0][..24]);
        Assert.Equal(
            """
            {"type":"content_block_stop","index":0}
            {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
            {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Not here."}}
            {"type":"content_block_stop","index":1}
            {"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null}}
            {"type":"message_stop"}
            """.ReplaceLineEndings("\n"),
            string.Join('\n', events.SkipWhile(static e => !e.Contains("content_block_stop", StringComparison.Ordinal)).Select(static e => e.Contains("message_delta", StringComparison.Ordinal) ? e[..e.IndexOf(",\"usage\"", StringComparison.Ordinal)] + "}" : e)));

        // What a caller of the same API without the wrapping gets.
        await using var plain = await BytesProvider.StartAsync("text/event-stream", given);
        await using var other = await EdgeHost.StartAsync(Configuration(plain, "keywords", "terms: [ Falcon ], message: Not here."));
        using var unwrapped = await other.PostAsync("/passthrough/sim/v1/messages", """{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal(Data(await unwrapped.Content.ReadAsByteArrayAsync(Cancel)), events);
    }

    [Fact]
    public async Task One_that_is_held_for_a_service_is_refused_before_any_of_it_passes()
    {
        await using var provider = await BytesProvider.StartAsync(Events, Wrapped(Written("this is not fine", 3)));
        await using var service = await AnsweringService.StartAsync("""{"flagged":true,"breakdown":[{"detector_type":"x","detected":true}]}""");
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, "lakera", $"message: Not here., endpoint: {{ url: \"{service.Address}\" }}"));
        using var response = await edge.PostAsync(Path, """{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal("Not here.", (string?)(await EdgeHost.ErrorAsync(response, 400, "content_blocked"))["message"]);
        Assert.Contains("this is not fine", Assert.Single(service.Calls).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_changed_stays_in_the_frames_it_came_in()
    {
        await using var provider = await BytesProvider.StartAsync(Events, Wrapped(Written("we saw a falcon fly", 4)));
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, "keywords", "terms: [ Falcon ]").Replace("action: block", "action: redact", StringComparison.Ordinal));
        using var response = await edge.PostAsync(Path, """{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}""");
        var events = Unwrapped(await response.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal("we saw a [TERM] fly", string.Concat(events.Select(static e => JsonElement.Parse(e)).Where(static e => e.GetProperty("type").GetString() == "content_block_delta").Select(static e => e.GetProperty("delta").GetProperty("text").GetString())));
        Assert.Contains("\"stop_reason\":\"end_turn\"", string.Concat(events), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("open")]
    public async Task Events_of_a_model_whose_form_is_not_known_are_what_the_policy_says(string fail)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var piece in (string[])["the fal", "con flies"])
        {
            Wrap(output, Encoding.UTF8.GetBytes($$"""{"piece":"{{piece}}"}"""));
        }

        await using var provider = await BytesProvider.StartAsync(Events, output.WrittenSpan.ToArray());
        await using var edge = await EdgeHost.StartAsync(Configuration(provider, "keywords", "terms: [ Falcon ]").Replace("p: {", $"p: {{ fail: {fail},", StringComparison.Ordinal));
        using var response = await edge.PostAsync(Path, """{"prompt":"hi"}""");
        if (fail == "closed")
        {
            // The status was told before the first event came; what follows is no event of the model's, and the answer does not end in order.
            var told = await HeldOperationTests.ReadAsync(response);
            Assert.DoesNotContain(Convert.ToBase64String("""{"piece":"the fal"}"""u8), told, StringComparison.Ordinal);
            Assert.Contains("content_blocked", told, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(["""{"piece":"the fal"}""", """{"piece":"con flies"}"""], Unwrapped(await response.Content.ReadAsByteArrayAsync(Cancel)));
    }

    private static string Configuration(BytesProvider provider, string detector, string more) => EdgeHost.Configuration(provider.BaseUrl, $$"""
        guardrails:
          p: { appliesTo: {}, timeoutMilliseconds: 30000, rules: [ { detector: {{detector}}, action: block, scopes: [ output ], {{more}} } ] }
        """);

    private static byte[] Written(string text, int cut)
    {
        var answer = new ChatAnswer { Origin = DialectId.Anthropic, Id = "a", Model = "m" };
        answer.Choices.Add(new ChatChoice { Parts = { new TextPart(text) }, Finish = FinishReason.Stop });
        var writer = ChatDialects.Get(DialectId.Anthropic).CreateStreamWriter(new AnswerContext { Id = "1", Model = "m", Created = DateTimeOffset.UnixEpoch });
        var output = new ArrayBufferWriter<byte>();
        foreach (var e in AnswerPlayer.Play(answer, cut))
        {
            writer.Write(e, output);
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] Wrapped(byte[] events)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var json in Data(events))
        {
            Wrap(output, Encoding.UTF8.GetBytes(json));
        }

        return output.WrittenSpan.ToArray();
    }

    private static void Wrap(ArrayBufferWriter<byte> output, byte[] json) =>
        EventStreamMessage.WriteEvent(output, "chunk"u8, Encoding.UTF8.GetBytes($$"""{"bytes":"{{Convert.ToBase64String(json)}}","p":"abcdefghij"}"""));

    private static List<string> Data(byte[] events) => Payloads(new SseFrameReader(), events, static (_, payload) => Encoding.UTF8.GetString(payload));

    private static List<string> Unwrapped(byte[] events) => Payloads(new EventStreamFrameReader(), events, static (name, payload) =>
    {
        Assert.Equal("chunk", name);
        Assert.True(InvokeModelChunk.TryRead(payload, out var inner));
        return Encoding.UTF8.GetString(inner);
    });

    private static List<string> Payloads(IFrameReader frames, byte[] bytes, Func<string, byte[], string> read)
    {
        using var _ = frames;
        var payloads = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var room = frames.GetMemory();
            var length = Math.Min(room.Length, bytes.Length - at);
            bytes.AsMemory(at, length).CopyTo(room);
            frames.Advance(length);
            at += length;
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                payloads.Add(read(Encoding.UTF8.GetString(opened.EventName.Span), opened.Payload.ToArray()));
            }
        }

        return payloads;
    }
}

/// <summary>A provider that gives every request the same bytes.</summary>
internal sealed class BytesProvider(WebApplication app) : IAsyncDisposable
{
    public string BaseUrl => app.Urls.First() + "/v1";

    public static async Task<BytesProvider> StartAsync(string contentType, byte[] answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            http.Response.ContentType = contentType;
            await http.Response.Body.WriteAsync(answer, http.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new BytesProvider(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
