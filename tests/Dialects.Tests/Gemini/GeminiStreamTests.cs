using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class GeminiStreamTests
{
    [Fact]
    public void Arguments_in_pieces_become_whole_ones()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        Assert.Equal(["""{"location":"Boston"}""", """{"location":"San Francisco"}"""], Arguments("google-stream-tool-call-arguments."));
        Assert.Equal(
            ["""{"operations":[{"action":"add","description":"Fresh red apple","itemid":"apple_001","price":0.5},{"action":"add","description":"Ripe yellow banana","itemid":"banana_001","price":0.3}]}"""],
            Arguments("missing-terminal-function-call"));
        Assert.Equal(["{}", """{"id":"A"}""", """{"id":"B"}""", """{"id":"C"}"""], Arguments("no-args-tool-call"));
        var nested = JsonElement.Parse(Assert.Single(Arguments("arguments-nested"))).GetProperty("recipe");
        Assert.Equal("16 oz", nested.GetProperty("ingredients")[0].GetProperty("amount").GetString());
        Assert.Equal("Egg", nested.GetProperty("ingredients")[6].GetProperty("name").GetString());
    }

    [Fact]
    public void Strings_that_go_on_are_joined()
    {
        var events = Read(
            """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","id":"1","willContinue":true}}]}}]}""",
            """{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$['a b'].c[1]","stringValue":"one ","willContinue":true},{"jsonPath":"$.n","nullValue":"NULL_VALUE"}],"willContinue":true}}]}}]}""",
            """{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$['a b'].c[1]","stringValue":"two"},{"jsonPath":"$.b","boolValue":true}]}}]},"finishReason":"STOP"}]}""");
        var call = Assert.IsType<ToolCallPart>(Assert.Single(GeminiRecordingTests.Assemble(events).Choices[0].Parts));
        Assert.Equal(("1", """{"a b":{"c":[null,"one two"]},"n":null,"b":true}"""), (call.Id, call.Arguments));
    }

    [Theory]
    [InlineData("$")]
    [InlineData("$.a[99999999]")]
    [InlineData("$.a[")]
    [InlineData("$..")]
    [InlineData("$.a[x]")]
    public void A_path_that_is_none_is_refused(string path)
    {
        var reader = GeminiDialect.Instance.CreateStreamReader();
        var payload = """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"PATH","stringValue":"x"}]}}]}}]}""".Replace("PATH", path, StringComparison.Ordinal);
        Assert.False(reader.Read([], Encoding.UTF8.GetBytes(payload), []));
    }

    [Fact]
    public void Parts_follow_one_another_and_end_before_the_finish()
    {
        var events = Read(
            """{"responseId":"r","modelVersion":"v","createTime":"2026-03-12T18:06:28.449115Z","candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}""",
            """{"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b","thoughtSignature":"s1"}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}""",
            """{"candidates":[{"content":{"parts":[{"executableCode":{"code":"1+1"}},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"text":"","thoughtSignature":"s2"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":3}}""");

        Assert.Equal(1773338788, events[0].Created);
        Assert.Equal(
            ["Start", "PartStart 0 Reasoning", "Delta 0 Reasoning", "PartEnd 0 Reasoning", "PartStart 1 Text", "Delta 1 Text", "Delta 1 Text", "Usage",
             "PartEnd 1 Text", "PartStart 2 Opaque", "PartEnd 2 Opaque", "PartStart 3 Image", "Delta 3 Image", "PartEnd 3 Image",
             "PartStart 4 Reasoning", "Delta 4 Reasoning", "PartEnd 4 Reasoning", "Usage", "Finish", "Usage", "End"],
            events.Select(static e => e.Kind is ChatEventKind.PartStart or ChatEventKind.PartEnd or ChatEventKind.Delta ? $"{e.Kind} {e.Part} {e.PartKind}" : e.Kind.ToString()));
        Assert.Equal("s1", events[6].Signature!.Value);
        Assert.Equal("s2", events[15].Encrypted!.Value);
    }

    [Theory]
    [InlineData("""{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}""")]
    [InlineData("""[{"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}}]""")]
    public void An_error_in_the_middle_is_told_and_ends_all(string payload)
    {
        var reader = GeminiDialect.Instance.CreateStreamReader();
        var events = new List<ChatEvent>();
        Assert.True(reader.Read([], """{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"""u8, events));
        Assert.True(reader.Read([], Encoding.UTF8.GetBytes(payload), events));
        Assert.Equal((503, ChatErrorKind.Overloaded, "busy"), (events[^1].Error!.Status, events[^1].Error!.Kind, events[^1].Error!.Message));
        Assert.False(reader.Complete(events));
        Assert.Equal(GeminiEventKind.Error, GeminiStreamScan.Read(Encoding.UTF8.GetBytes(payload)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_broken_stream_ends_with_an_error_and_without_a_finish_reason(bool array)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = GeminiDialect.Instance.CreateStreamWriter(new AnswerContext { Id = "i", Model = "m", Created = default, JsonArray = array });
        writer.Write(new ChatEvent { Kind = ChatEventKind.Start }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.PartStart, PartKind = PartKind.Text }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.Delta, PartKind = PartKind.Text, Text = "half" }, output);
        writer.WriteError(new ChatError { Status = 502, Kind = ChatErrorKind.Api, Message = "cut" }, output);
        writer.Write(new ChatEvent { Kind = ChatEventKind.End }, output);

        var elements = array ? GeminiRecordingTests.ArrayElements(output.WrittenMemory, 1) : Pieces.SseEvents(output.WrittenMemory, 1).ConvertAll(static e => e.Payload);
        Assert.Equal(2, elements.Count);
        Assert.Equal("cut", JsonElement.Parse(elements[1]).GetProperty("error").GetProperty("message").GetString());
        Assert.DoesNotContain("finishReason", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
        Assert.Equal(array ? "application/json" : "text/event-stream", writer.ContentType);
    }

    [Theory]
    [InlineData("", GeminiEventKind.Empty)]
    [InlineData("{", GeminiEventKind.Malformed)]
    [InlineData("7", GeminiEventKind.Malformed)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"abc"},{"functionCall":{"args":{"k":"de"}}}]}}]}""", GeminiEventKind.Content)]
    [InlineData("""{"candidates":[{"finish_reason":"STOP"}]}""", GeminiEventKind.Finish)]
    [InlineData("""{"promptFeedback":{"blockReason":"SAFETY"}}""", GeminiEventKind.Finish)]
    public void Events_are_told_apart_by_the_scanner(string payload, GeminiEventKind expected)
    {
        var scan = GeminiStreamScan.Read(Encoding.UTF8.GetBytes(payload));
        Assert.Equal(expected, scan.Kind);
        Assert.Equal(expected == GeminiEventKind.Content ? 6 : 0, scan.TextBytes);
    }

    private static List<string> Arguments(string file)
    {
        var recording = Corpus.All.Recordings.Single(r => r.Id.Contains(file, StringComparison.Ordinal) && r.DialectId == DialectId.Gemini);
        var events = GeminiRecordingTests.Read(Pieces.SseEvents(recording.ResponseBody, 1).Select(static e => e.Payload), out _);
        return [.. GeminiRecordingTests.Assemble(events).Choices[0].Parts.OfType<ToolCallPart>().Select(static c => c.Arguments)];
    }

    private static List<ChatEvent> Read(params string[] payloads)
    {
        var events = GeminiRecordingTests.Read(payloads.Select(Encoding.UTF8.GetBytes), out var whole);
        Assert.True(whole);
        return events;
    }
}
