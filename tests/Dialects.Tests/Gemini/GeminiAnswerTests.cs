using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class GeminiAnswerTests
{
    private static readonly AnswerContext _context = new() { Id = "own", Model = "public", Created = DateTimeOffset.UnixEpoch };

    [Theory]
    [InlineData("STOP", FinishReason.Stop)]
    [InlineData("MAX_TOKENS", FinishReason.Length)]
    [InlineData("SAFETY", FinishReason.ContentFilter)]
    [InlineData("RECITATION", FinishReason.ContentFilter)]
    [InlineData("BLOCKLIST", FinishReason.ContentFilter)]
    [InlineData("PROHIBITED_CONTENT", FinishReason.ContentFilter)]
    [InlineData("SPII", FinishReason.ContentFilter)]
    [InlineData("MALFORMED_FUNCTION_CALL", FinishReason.Other)]
    [InlineData("UNEXPECTED_TOOL_CALL", FinishReason.Other)]
    [InlineData("SOMETHING_NEW", FinishReason.Other)]
    public void Finish_reasons_are_understood_and_kept(string word, FinishReason expected)
    {
        var answer = Read($$"""{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"{{word}}"}]}""");
        Assert.Equal((expected, word), (answer.Choices[0].Finish, answer.Choices[0].FinishDetail));
        var written = Write(answer).GetProperty("candidates")[0].GetProperty("finishReason").GetString();
        Assert.Equal(word == "SOMETHING_NEW" ? "OTHER" : word, written);
    }

    [Fact]
    public void A_blocked_prompt_is_a_filtered_answer()
    {
        var answer = Read("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":7,"totalTokenCount":7}}""");
        Assert.Equal((FinishReason.ContentFilter, "PROHIBITED_CONTENT"), (answer.Choices[0].Finish, answer.Choices[0].FinishDetail));
        Assert.Equal(7, answer.Usage!.Value.Input);

        var events = GeminiRecordingTests.Read([Encoding.UTF8.GetBytes("""{"promptFeedback":{"blockReason":"SAFETY"}}""")], out var whole);
        Assert.True(whole);
        Assert.Equal(FinishReason.ContentFilter, events.Single(static e => e.Kind == ChatEventKind.Finish).Finish);
    }

    [Theory]
    [InlineData("""{"promptTokenCount":100,"cachedContentTokenCount":60,"toolUsePromptTokenCount":5,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":155,"promptTokensDetails":[{"modality":"TEXT","tokenCount":90},{"modality":"AUDIO","tokenCount":10}],"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":8}]}""", 35, 60, 10, 12, 30, 8)]
    [InlineData("""{"prompt_token_count":"10","candidates_token_count":5,"total_token_count":15}""", 10, 0, 0, 5, 0, 0)]
    [InlineData("""{"promptTokenCount":10,"candidatesTokenCount":50,"thoughtsTokenCount":40,"totalTokenCount":60}""", 10, 0, 0, 10, 40, 0)]
    public void Usage_is_disjoint(string usage, long input, long cached, long audioIn, long output, long reasoning, long audioOut)
    {
        var answer = Read($$"""{"candidates":[],"usageMetadata":{{usage}}}""");
        var expected = new TokenCounts { Input = input, CacheRead = cached, AudioInput = audioIn, Output = output, Reasoning = reasoning, AudioOutput = audioOut };
        Assert.Equal(expected, answer.Usage);
        Assert.Equal(expected, Read(Write(answer).GetRawText()).Usage);
    }

    [Fact]
    public void Tokens_written_to_a_cache_are_counted_with_the_prompt()
    {
        var answer = new ChatAnswer { Origin = DialectId.Anthropic, Usage = new TokenCounts { Input = 1, CacheRead = 2, CacheWrite = 4, Output = 8, Reasoning = 16 }, Choices = { new ChatChoice() } };
        var usage = Write(answer).GetProperty("usageMetadata");
        Assert.Equal((7, 8, 16, 31), (usage.GetProperty("promptTokenCount").GetInt32(), usage.GetProperty("candidatesTokenCount").GetInt32(), usage.GetProperty("thoughtsTokenCount").GetInt32(), usage.GetProperty("totalTokenCount").GetInt32()));
    }

    [Fact]
    public void Sources_are_found_by_characters_although_the_wire_counts_bytes()
    {
        var answer = Read("""
            {"candidates":[{"content":{"parts":[{"text":"Grüße aus 東京. Hi"}]},"finishReason":"STOP","groundingMetadata":{
             "groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"retrievedContext":{"title":"B","text":"words"}}],
             "groundingSupports":[{"segment":{"endIndex":18,"text":"x"},"groundingChunkIndices":[0,1]}]}}]}
            """);
        var citations = Assert.IsType<TextPart>(answer.Choices[0].Parts[0]).Citations;
        Assert.Equal([(0, 12, "https://a", "A", null), (0, 12, null, "B", "words")], citations.Select(static c => (c.Start!.Value, c.End!.Value, c.Url, c.Title, c.CitedText)));
        var support = Write(answer).GetProperty("candidates")[0].GetProperty("groundingMetadata").GetProperty("groundingSupports")[0];
        Assert.Equal(18, support.GetProperty("segment").GetProperty("endIndex").GetInt32());
        Assert.Equal("Grüße aus 東京", support.GetProperty("segment").GetProperty("text").GetString());
    }

    [Fact]
    public void Calls_without_ids_get_the_same_ones_each_time_and_others_in_other_answers()
    {
        string Body(string id) => $$$"""{"responseId":"{{{id}}}","candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]}""";
        string[] Ids(string id) => [.. Read(Body(id)).Choices[0].Parts.Cast<ToolCallPart>().Select(static c => c.Id)];
        Assert.Equal(Ids("a"), Ids("a"));
        Assert.Equal(4, Ids("a").Concat(Ids("b")).Distinct().Count());
        var streamed = GeminiRecordingTests.Assemble(GeminiRecordingTests.Read([Encoding.UTF8.GetBytes(Body("a"))], out _));
        Assert.Equal(Ids("a"), streamed.Choices[0].Parts.Cast<ToolCallPart>().Select(static c => c.Id));
        Assert.Equal(FinishReason.ToolCalls, streamed.Choices[0].Finish);
    }

    [Theory]
    [InlineData(DialectId.Anthropic)]
    [InlineData(DialectId.OpenAIResponses)]
    [InlineData(DialectId.Gemini)]
    public void Signatures_of_any_provider_come_home_through_a_Gemini_caller(DialectId origin)
    {
        var answer = new ChatAnswer { Origin = origin, Choices = { new ChatChoice() } };
        var signature = new Signature(origin, "c2ln+/8=");
        answer.Choices[0].Parts.AddRange([
            new ReasoningPart { Text = "hm", Signature = signature },
            new ReasoningPart { Encrypted = signature with { Value = "ZW5j" } },
            new ToolCallPart { Id = "1", Name = "f", Arguments = "{}", Signature = signature },
        ]);
        foreach (var parts in new[] { Write(answer).GetProperty("candidates")[0].GetProperty("content"), Streamed(answer) })
        {
            // Clients decode the member as base64, and some send it back in the URL-safe alphabet.
            Assert.All(parts.GetProperty("parts").EnumerateArray(), static p => Assert.True(!p.TryGetProperty("thoughtSignature", out var s) || s.TryGetBytesFromBase64(out _)));
            var content = parts.GetRawText();
            content = origin == DialectId.Gemini ? content : content.Replace('+', '-').Replace('/', '_');
            Assert.Null(GeminiDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes($$"""{"contents":[{{content}}]}"""), new RequestLocation("m", false), out var request));
            var read = request.Messages[0].Parts;
            Assert.Equal(("hm", signature), (((ReasoningPart)read[0]).Text, ((ReasoningPart)read[0]).Signature));
            Assert.Equal("ZW5j", ((ReasoningPart)read[1]).Encrypted!.Value);
            Assert.Equal(origin, ((ReasoningPart)read[1]).Encrypted!.Origin);
            Assert.Equal(signature, ((ToolCallPart)read[2]).Signature);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("""{"error":{"code":500}}""")]
    public void What_is_no_answer_is_told(string body) => Assert.False(GeminiDialect.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(body), out _));

    [Fact]
    public void Log_probabilities_survive()
    {
        const string Candidate = """{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","index":0,"logprobsResult":{"topCandidates":[{"candidates":[{"token":"Hi","logProbability":-0.1},{"token":"Yo","logProbability":-2}]}],"chosenCandidates":[{"token":"Hi","logProbability":-0.1}]}}""";
        var answer = Read($$"""{"candidates":[{{Candidate}}]}""");
        Assert.Equal(-0.1, answer.Choices[0].LogProbabilities!.Value.GetProperty("content")[0].GetProperty("logprob").GetDouble());
        Assert.Equal(Said.Canonical(Candidate), Said.Canonical(Write(answer).GetProperty("candidates")[0].GetRawText()));
    }

    internal static ChatAnswer Read(string body)
    {
        Assert.True(GeminiDialect.Instance.TryReadAnswer(Encoding.UTF8.GetBytes(body), out var answer));
        return answer;
    }

    internal static JsonElement Write(ChatAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        GeminiDialect.Instance.WriteAnswer(answer, _context, output);
        return JsonElement.Parse(output.WrittenSpan);
    }

    private static JsonElement Streamed(ChatAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = GeminiDialect.Instance.CreateStreamWriter(_context);
        foreach (var e in AnswerPlayer.Play(answer, 1))
        {
            writer.Write(e, output);
        }

        var parts = Pieces.SseEvents(output.WrittenMemory, 1).SelectMany(static e => JsonElement.Parse(e.Payload).GetProperty("candidates")[0].GetProperty("content").GetProperty("parts").EnumerateArray());
        return JsonElement.Parse($$"""{"role":"model","parts":[{{string.Join(',', parts.Select(static p => p.GetRawText()))}}]}""");
    }
}
