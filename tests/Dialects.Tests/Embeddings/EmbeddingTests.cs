using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Embeddings;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Embeddings;

public sealed class EmbeddingTests
{
    [Fact]
    public void Recorded_answers_have_their_vectors_and_usage_and_keep_them_in_every_caller_s_form()
    {
        Assert.SkipUnless(Corpus.IsPresent, "recordings are absent");
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var recording in Corpus.All.Recordings.Where(static r => r.Operation == Operation.Embeddings && !r.IsError && r.ResponseBody.Length > 0))
        {
            var root = JsonElement.Parse(recording.ResponseBody.Span);
            var expected = Vectors(root).ToList();
            var wire = Wire(root);
            counts[wire.ToString()] = counts.GetValueOrDefault(wire.ToString()) + 1;
            Assert.True(EmbeddingTranslation.TryReadAnswer(wire, recording.ResponseBody.Span, out var answer), recording.Id);
            Assert.True(expected.Count > 0 && expected.Count == answer.Vectors.Count, recording.Id);
            Assert.All(expected.Zip(answer.Vectors), pair => Assert.Equal(pair.First, pair.Second));
            Assert.Equal(Tokens(root), answer.Usage?.Total);

            foreach (var caller in new[] { EmbeddingWire.OpenAI, EmbeddingWire.GeminiBatch, EmbeddingWire.Cohere })
            {
                foreach (var base64 in new[] { false, true })
                {
                    var output = new ArrayBufferWriter<byte>();
                    EmbeddingTranslation.WriteAnswer(caller, answer, new EmbeddingRequest { Origin = caller, Model = "m", Base64 = base64 }, "id", output);
                    Assert.True(EmbeddingTranslation.TryReadAnswer(caller, output.WrittenSpan, out var again));
                    Assert.Equal(answer.Vectors, again.Vectors);
                    Assert.Equal(answer.Usage?.Total ?? 0, again.Usage?.Total ?? 0);
                }
            }
        }

        Assert.Equal(["Cohere", "Gemini", "GeminiBatch", "OpenAI", "VertexPredict"], counts.Keys);
        Assert.True(counts.Values.Sum() >= 30, string.Join(' ', counts));
    }

    [Theory]
    [InlineData(EmbeddingWire.OpenAI, """{"model":"up","input":["a","b"],"dimensions":3}""")]
    [InlineData(EmbeddingWire.GeminiBatch, """{"requests":[{"model":"models/up","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":3},{"model":"models/up","content":{"parts":[{"text":"b"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":3}]}""")]
    [InlineData(EmbeddingWire.VertexPredict, """{"instances":[{"content":"a","task_type":"RETRIEVAL_QUERY"},{"content":"b","task_type":"RETRIEVAL_QUERY"}],"parameters":{"outputDimensionality":3,"autoTruncate":false}}""")]
    [InlineData(EmbeddingWire.Cohere, """{"model":"up","texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"output_dimension":3,"truncate":"NONE"}""")]
    [InlineData(EmbeddingWire.BedrockCohere, """{"texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"output_dimension":3,"truncate":"NONE"}""")]
    [InlineData(EmbeddingWire.Voyage, """{"model":"up","input":["a","b"],"output_dimension":3,"input_type":"query","truncation":false}""")]
    [InlineData(EmbeddingWire.Jina, """{"model":"up","input":["a","b"],"dimensions":3,"task":"retrieval.query","truncate":false}""")]
    [InlineData(EmbeddingWire.WatsonX, """{"model_id":"up","inputs":["a","b"]}""")]
    public void A_request_is_said_in_every_provider_s_form(EmbeddingWire wire, string expected)
    {
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.Cohere, """{"model":"m","texts":["a","b"],"input_type":"search_query","truncate":"NONE","output_dimension":3,"embedding_types":["float","int8"],"priority":1}"""u8, null, out var request));
        request.Types.Remove(wire is EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere ? "int8" : "");
        if (wire == EmbeddingWire.Cohere)
        {
            request.Extensions.Clear();
        }

        Assert.Equal(Said.Canonical(expected), Said.Canonical(Write(wire, request, out var drops)));
        Assert.Equal(wire is EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere, !drops.Names.Contains("embedding_types.int8"));
        Assert.Equal(wire != EmbeddingWire.Cohere, drops.Names.Contains("priority"));
        Assert.Equal(wire == EmbeddingWire.WatsonX, drops.Names.Contains("output_dimension"));
    }

    [Theory]
    [InlineData("""{"model":"m","input":"a"}""", 1)]
    [InlineData("""{"model":"m","input":["a","b"],"encoding_format":"base64"}""", 2)]
    [InlineData("""{"model":"m","input":[1,2,3]}""", 1)]
    [InlineData("""{"model":"m","input":[[1,2],[3]],"user":"u"}""", 2)]
    public void OpenAI_s_inputs_are_one_many_texts_or_tokens(string body, int count)
    {
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.OpenAI, Encoding.UTF8.GetBytes(body), null, out var request));
        Assert.Equal(count, request.Inputs.Count);
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.OpenAI, Encoding.UTF8.GetBytes(Write(EmbeddingWire.OpenAI, request, out var drops)), null, out var again));
        Assert.Empty(drops.Names);
        Assert.Equal(request.Inputs.Select(static i => i.Text ?? i.Tokens?.GetRawText()), again.Inputs.Select(static i => i.Text ?? i.Tokens?.GetRawText()));
        Assert.Equal((request.Base64, request.EndUser), (again.Base64, again.EndUser));
    }

    [Fact]
    public void Gemini_s_single_input_keeps_task_title_and_pictures()
    {
        const string Body = """{"content":{"parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T","outputDimensionality":8}""";
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.Gemini, Encoding.UTF8.GetBytes(Body), "m", out var request));
        Assert.Equal(Said.Canonical(Body), Said.Canonical(Write(EmbeddingWire.Gemini, request, out _)));
        Assert.Equal(
            Said.Canonical("""{"model":"up","inputs":[{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}],"input_type":"search_document","embedding_types":["float"],"output_dimension":8}"""),
            Said.Canonical(Write(EmbeddingWire.Cohere, request, out var drops)));
        Assert.Equal(["title"], drops.Names);
        Assert.NotNull(EmbeddingTranslation.WriteRequest(EmbeddingWire.OpenAI, request, "m", new ArrayBufferWriter<byte>(), new DropList()));
    }

    [Fact]
    public void What_takes_one_input_gets_slices_whose_answers_are_joined()
    {
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.OpenAI, """{"model":"m","input":["a","b"],"dimensions":256}"""u8, null, out var request));
        Assert.NotNull(EmbeddingTranslation.WriteRequest(EmbeddingWire.BedrockTitan, request, "m", new ArrayBufferWriter<byte>(), new DropList()));
        Assert.Equal("""{"inputText":"b","dimensions":256}""", Write(EmbeddingWire.BedrockTitan, request.Slice(1, 1), out _));
        Assert.True(EmbeddingTranslation.TryReadAnswer(EmbeddingWire.BedrockTitan, """{"embedding":[0.5],"inputTextTokenCount":3}"""u8, out var first));
        Assert.True(EmbeddingTranslation.TryReadAnswer(EmbeddingWire.BedrockTitan, """{"embeddingsByType":{"float":[1]},"inputTextTokenCount":4}"""u8, out var second));
        first.Append(second);
        Assert.Equal([[0.5f], [1f]], first.Vectors);
        Assert.Equal(7, first.Usage!.Value.Total);
    }

    [Theory]
    [InlineData(EmbeddingWire.OpenAI, """{"model":"m"}""", "input")]
    [InlineData(EmbeddingWire.OpenAI, """{"model":"m","input":["a",true]}""", "input[1]")]
    [InlineData(EmbeddingWire.Gemini, """{}""", "content")]
    [InlineData(EmbeddingWire.GeminiBatch, """{"requests":[{"content":{"parts":[]}}]}""", "requests[0].content")]
    [InlineData(EmbeddingWire.Cohere, """{"texts":[]}""", "texts")]
    [InlineData(EmbeddingWire.Cohere, "[", null)]
    public void What_is_wrong_is_said_with_its_place(EmbeddingWire wire, string body, string? param)
    {
        var problem = EmbeddingTranslation.ReadRequest(wire, Encoding.UTF8.GetBytes(body), null, out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }

    [Fact]
    public void Tokens_are_for_providers_that_take_them()
    {
        Assert.Null(EmbeddingTranslation.ReadRequest(EmbeddingWire.OpenAI, """{"model":"m","input":[1,2]}"""u8, null, out var request));
        Assert.Equal("input", EmbeddingTranslation.WriteRequest(EmbeddingWire.Cohere, request, "m", new ArrayBufferWriter<byte>(), new DropList())?.Param);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":[{"embedding":"not base64"}]}""")]
    [InlineData("""{"data":[{"embedding":["x"]}]}""")]
    [InlineData("""{"embeddings":7,"predictions":{},"embedding":null,"results":[]}""")]
    public void What_is_no_answer_is_told(string body) =>
        Assert.All(Enum.GetValues<EmbeddingWire>(), wire => Assert.False(EmbeddingTranslation.TryReadAnswer(wire, Encoding.UTF8.GetBytes(body), out _)));

    private static string Write(EmbeddingWire wire, EmbeddingRequest request, out DropList drops)
    {
        var output = new ArrayBufferWriter<byte>();
        drops = new DropList();
        var problem = EmbeddingTranslation.WriteRequest(wire, request, "up", output, drops);
        Assert.True(problem is null, problem?.Message);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static EmbeddingWire Wire(JsonElement root) => root switch
    {
        _ when root.TryGetProperty("predictions", out _) => EmbeddingWire.VertexPredict,
        _ when root.TryGetProperty("response_type", out _) => EmbeddingWire.Cohere,
        _ when root.TryGetProperty("embedding", out _) => EmbeddingWire.Gemini,
        _ when root.TryGetProperty("embeddings", out var list) && list[0].ValueKind == JsonValueKind.Object => EmbeddingWire.GeminiBatch,
        _ => EmbeddingWire.OpenAI,
    };

    private static IEnumerable<float[]> Vectors(JsonElement root)
    {
        static float[] Numbers(JsonElement vector) => vector.ValueKind == JsonValueKind.String
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray() : [.. vector.EnumerateArray().Select(static n => (float)n.GetDouble())];
        return root switch
        {
            _ when root.TryGetProperty("data", out var data) => data.EnumerateArray().Select(static d => Numbers(d.GetProperty("embedding"))),
            _ when root.TryGetProperty("predictions", out var predictions) => predictions.EnumerateArray().Select(static p => Numbers(p.GetProperty("embeddings").GetProperty("values"))),
            _ when root.TryGetProperty("embedding", out var one) => [Numbers(one.GetProperty("values"))],
            _ when root.GetProperty("embeddings").ValueKind == JsonValueKind.Object => root.GetProperty("embeddings").GetProperty("float").EnumerateArray().Select(Numbers),
            _ => root.GetProperty("embeddings").EnumerateArray().Select(static e => Numbers(e.ValueKind == JsonValueKind.Object ? e.GetProperty("values") : e)),
        };
    }

    private static long? Tokens(JsonElement root) => root switch
    {
        _ when root.TryGetProperty("usage", out var usage) => usage.TryGetProperty("prompt_tokens", out var prompt) ? prompt.GetInt64() : usage.GetProperty("total_tokens").GetInt64(),
        _ when root.TryGetProperty("predictions", out var predictions) => predictions.EnumerateArray().Sum(static p => p.GetProperty("embeddings").GetProperty("statistics").GetProperty("token_count").GetInt64()),
        _ when root.TryGetProperty("meta", out var meta) => meta.GetProperty("billed_units").GetProperty("input_tokens").GetInt64(),
        _ when root.TryGetProperty("prompt_eval_count", out var count) => count.GetInt64(),
        _ => null,
    };
}
