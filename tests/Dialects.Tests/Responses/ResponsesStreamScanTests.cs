using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;
using Gateway.Dialects.Tests.Pairs;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Responses;

public sealed class ResponsesStreamScanTests
{
    [Theory]
    [InlineData("", "", ResponsesEventKind.Empty)]
    [InlineData("", "[DONE]", ResponsesEventKind.Done)]
    [InlineData("", "{", ResponsesEventKind.Malformed)]
    [InlineData("", "7", ResponsesEventKind.Malformed)]
    [InlineData("", """{"type":"response.output_text.delta","delta":"x"}""", ResponsesEventKind.Content)]
    [InlineData("", """{"type":"response.of_tomorrow"}""", ResponsesEventKind.Content)]
    [InlineData("", """{"type":"response.completed","response":{"status":"completed"}}""", ResponsesEventKind.Completed)]
    [InlineData("", """{"response":{"status":"incomplete"},"type":"response.completed"}""", ResponsesEventKind.Incomplete)]
    [InlineData("response.incomplete", """{"response":{}}""", ResponsesEventKind.Incomplete)]
    [InlineData("error", """{"code":"x","message":"y"}""", ResponsesEventKind.Error)]
    [InlineData("", """{"type":"response.failed","response":{"status":"failed"}}""", ResponsesEventKind.Error)]
    [InlineData("", """{"type":"response.in_progress","response":{"status":"in_progress","usage":null}}""", ResponsesEventKind.Content)]
    public void The_kind_is_told(string name, string payload, ResponsesEventKind expected) =>
        Assert.Equal(expected, ResponsesStreamScan.Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(payload)).Kind);

    [Fact]
    public void Usage_is_disjoint_and_text_is_counted()
    {
        Assert.True(ResponsesStreamScan.TryReadUsage(default, """
            {"type":"response.completed","response":{"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}}}
            """u8, out var counts));
        Assert.Equal(new TokenCounts { Input = 5, CacheRead = 4, CacheWrite = 1, Output = 4, Reasoning = 3 }, counts);
        Assert.Equal(3, ResponsesStreamScan.Read(default, """{"delta":"abc","type":"response.function_call_arguments.delta"}"""u8).TextBytes);
        Assert.Equal(0, ResponsesStreamScan.Read(default, """{"text":"abc","type":"response.output_text.done"}"""u8).TextBytes);
    }

    [Fact]
    public void Reasoning_beside_the_output_is_not_taken_out_of_it()
    {
        Assert.Equal(AnswerUsage.Found, ResponsesUsage.ReadAnswer("""{"usage":{"input_tokens":10,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":300},"total_tokens":315}}"""u8, out var counts));
        Assert.Equal(new TokenCounts { Input = 10, Output = 5, Reasoning = 300 }, counts);
    }

    [Fact]
    public void The_scan_and_the_reader_agree_on_every_recorded_answer()
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var compared = 0;
        foreach (var recording in Corpus.All.Chats.Where(static r => r is { DialectId: DialectId.OpenAIResponses, IsError: false }))
        {
            compared++;
            if (!recording.IsStream)
            {
                Assert.True(ResponsesDialect.Instance.TryReadAnswer(recording.ResponseBody, out var answer));
                Assert.Equal(answer.Usage is null ? AnswerUsage.Absent : AnswerUsage.Found, ResponsesUsage.ReadAnswer(recording.ResponseBody.Span, out var counts));
                Assert.Equal(answer.Usage ?? default, counts);
                continue;
            }

            var stream = ResponsesExpectation.Streams(recording.BodyText).First();
            var scans = StreamPlayback.Frames(Encoding.UTF8.GetBytes(stream), new Random(4)).ConvertAll(static f => ResponsesStreamScan.Read(Encoding.UTF8.GetBytes(f.Name), f.Payload.Span));
            var reading = StreamPlayback.ReadSse(ResponsesDialect.Instance, Encoding.UTF8.GetBytes(stream), new Random(5));
            Assert.Equal(reading.IsWhole, scans.Exists(static s => s.Kind is ResponsesEventKind.Completed or ResponsesEventKind.Incomplete));
            Assert.Equal(reading.Events.Any(static e => e.Kind == ChatEventKind.Error), scans.Exists(static s => s.Kind == ResponsesEventKind.Error));
            Assert.Equal(reading.Events.LastOrDefault(static e => e.Kind == ChatEventKind.Usage).Usage, scans.LastOrDefault(static s => s.HasUsage).Tokens);
        }

        Assert.True(compared > 300);
    }
}
