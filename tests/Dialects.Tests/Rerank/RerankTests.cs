using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Rerank;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Rerank;

public sealed class RerankTests
{
    [Fact]
    public void Recorded_answers_keep_order_scores_and_usage_in_every_caller_s_form()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var seen = new List<string>();
        foreach (var recording in Corpus.All.Recordings.Where(static r => r.Operation == Operation.Rerank))
        {
            seen.Add(recording.Provider);
            var root = JsonElement.Parse(recording.ResponseBody.Span);
            var expected = (root.TryGetProperty("results", out var results) ? results : root.GetProperty("data")).EnumerateArray()
                .Select(static r => (r.GetProperty("index").GetInt32(), (r.TryGetProperty("relevance_score", out var s) ? s : r.GetProperty("relevanceScore")).GetDouble())).ToList();
            Assert.True(RerankTranslation.TryReadAnswer(recording.ResponseBody.Span, out var answer));
            Assert.Equal(expected, answer.Results.Select(static r => (r.Index, r.Score)));
            Assert.Equal(root.TryGetProperty("usage", out var usage) ? usage.GetProperty("total_tokens").GetInt64() : null, answer.Usage?.Total);
            Assert.Equal(root.TryGetProperty("meta", out var meta) ? meta.GetProperty("billed_units").GetProperty("search_units").GetInt64() : null, answer.SearchUnits);
            foreach (var wire in new[] { RerankWire.Common, RerankWire.Cohere })
            {
                var output = new ArrayBufferWriter<byte>();
                RerankTranslation.WriteAnswer(wire, answer, new RerankRequest { Origin = wire, Model = "m" }, "id", output);
                Assert.True(RerankTranslation.TryReadAnswer(output.WrittenSpan, out var again));
                Assert.Equal(answer.Results, again.Results);
                Assert.Equal((answer.Usage, answer.SearchUnits), (again.Usage, again.SearchUnits));
            }
        }

        Assert.Equal(4, seen.Count);
    }

    [Theory]
    [InlineData(RerankWire.Common, """{"model":"up","query":"q","documents":["a",{"text":"b","k":1}],"top_n":1,"return_documents":true}""", "truncation")]
    [InlineData(RerankWire.Cohere, """{"model":"up","query":"q","documents":["a","b"],"top_n":1}""", "truncation,odd")]
    [InlineData(RerankWire.Voyage, """{"model":"up","query":"q","documents":["a","b"],"top_k":1,"return_documents":true,"truncation":true}""", "odd")]
    [InlineData(RerankWire.Bedrock, """{"queries":[{"type":"TEXT","textQuery":{"text":"q"}}],"sources":[{"type":"INLINE","inlineDocumentSource":{"type":"TEXT","textDocument":{"text":"a"}}},{"type":"INLINE","inlineDocumentSource":{"type":"JSON","jsonDocument":{"text":"b","k":1}}}],"rerankingConfiguration":{"type":"BEDROCK_RERANKING_MODEL","bedrockRerankingConfiguration":{"numberOfResults":1,"modelConfiguration":{"modelArn":"up"}}}}""", "truncation,odd")]
    public void A_request_is_said_in_every_provider_s_form(RerankWire wire, string expected, string dropped)
    {
        Assert.Null(RerankTranslation.ReadRequest(RerankWire.Common, """{"model":"m","query":"q","documents":["a",{"text":"b","k":1}],"top_n":1,"return_documents":true,"truncation":true,"odd":1}"""u8, out var request));
        var output = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        if (wire == RerankWire.Common)
        {
            request.Extensions.Clear();
        }

        RerankTranslation.WriteRequest(wire, request, "up", output, drops);
        Assert.Equal(Said.Canonical(expected), Said.Canonical(Encoding.UTF8.GetString(output.WrittenSpan)));
        Assert.Equal(dropped, string.Join(',', drops.Names));
    }

    [Fact]
    public void Documents_come_back_from_the_request_where_they_were_asked_for()
    {
        Assert.Null(RerankTranslation.ReadRequest(RerankWire.Common, """{"model":"m","query":"q","documents":["a",{"text":"b"}],"return_documents":true}"""u8, out var request));
        var output = new ArrayBufferWriter<byte>();
        RerankTranslation.WriteAnswer(RerankWire.Common, new RerankAnswer { Results = { new RerankResult(1, 0.5, null), new RerankResult(0, 0.25, null) } }, request, "id", output);
        Assert.Equal(["b", "a"], JsonElement.Parse(output.WrittenSpan).GetProperty("results").EnumerateArray().Select(static r => r.GetProperty("document").GetProperty("text").GetString()));
    }

    [Theory]
    [InlineData("""{"documents":["a"]}""", "query")]
    [InlineData("""{"query":"q"}""", "documents")]
    [InlineData("""{"query":"q","documents":["a",1]}""", "documents[1]")]
    [InlineData("""{"query":"q","documents":["a"],"top_n":0}""", "top_n")]
    [InlineData("7", null)]
    public void What_is_wrong_is_said_with_its_place(string body, string? param)
    {
        var problem = RerankTranslation.ReadRequest(RerankWire.Common, Encoding.UTF8.GetBytes(body), out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"results":[{"index":0}]}""")]
    [InlineData("""{"data":[{"relevance_score":0.5}]}""")]
    public void What_is_no_answer_is_told(string body) => Assert.False(RerankTranslation.TryReadAnswer(Encoding.UTF8.GetBytes(body), out _));
}
