using System.Text;
using Gateway.Dialects.Envelopes;

namespace Gateway.Dialects.Tests.Envelopes;

public sealed class RequestShapesTests
{
    [Fact]
    public void Anthropic_is_read()
    {
        var envelope = Read(RequestShapes.Anthropic, """
            {"model":"claude","max_tokens":77,"stream":true,"metadata":{"user_id":"u"},"messages":[{"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"aaaa"}},
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"aaaa"}},
            {"type":"text","text":"type"}]}]}
            """);
        Assert.True(envelope.Stream);
        Assert.Equal(77, envelope.MaxOutputTokens);
        Assert.Equal(2, envelope.Media);
        Assert.Equal(0, envelope.References);
        Assert.True(envelope.MetadataStart > 0);
    }

    [Theory]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://x/y.png"}}""", 0)]
    [InlineData("""{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}""", 1)]
    [InlineData("""{"source":{"file_id":"f","type":"file"},"type":"document"}""", 1)]
    public void A_document_that_is_elsewhere_may_be_of_any_size(string part, int references) =>
        Assert.Equal(references, Read(RequestShapes.Anthropic, $$"""{"model":"m","messages":[{"role":"user","content":[{{part}}]}]}""").References);

    [Fact]
    public void Responses_are_read()
    {
        var envelope = Read(RequestShapes.OpenAIResponses, """
            {"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x"},{"type":"input_file","file_id":"f"}]}],
            "max_output_tokens":9,"previous_response_id":"resp_1","conversation":null}
            """);
        Assert.Equal(9, envelope.MaxOutputTokens);
        Assert.Equal(3, envelope.Media);
        Assert.Equal(2, envelope.References);
    }

    [Theory]
    [InlineData("""{"generationConfig":{"maxOutputTokens":5,"candidateCount":2,"x":{"maxOutputTokens":99}},"contents":[]}""", 5, 2)]
    [InlineData("""{"generation_config":{"max_output_tokens":6},"generationConfig":{"maxOutputTokens":5},"contents":[]}""", 6, 1)]
    [InlineData("""{"generationConfig":null,"contents":"hi"}""", -1, 1)]
    [InlineData("""{"contents":{"parts":[{"text":"hi"}]}}""", -1, 1)]
    public void Gemini_is_read_in_both_spellings(string body, long cap, int choices)
    {
        var envelope = Read(RequestShapes.Gemini, body, modelInPath: true);
        Assert.Equal(cap, envelope.MaxOutputTokens);
        Assert.Equal(choices, envelope.Choices);
        Assert.Equal(-1, envelope.ModelStart);
        Assert.False(envelope.Stream);
    }

    [Fact]
    public void A_stream_may_lie_in_the_address_alone()
    {
        Assert.True(Read(RequestShapes.GeminiStream, """{"contents":[]}""", modelInPath: true).Stream);
        Assert.True(Read(RequestShapes.BedrockStream, """{"messages":[]}""", modelInPath: true).Stream);
        Assert.False(Read(RequestShapes.Bedrock, """{"messages":[]}""", modelInPath: true).Stream);
    }

    [Fact]
    public void Bedrock_is_read()
    {
        var envelope = Read(RequestShapes.Bedrock, """{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"aa"}}},{"video":{"source":{"s3Location":{"uri":"s3://x"}}}}]}],"inferenceConfig":{"maxTokens":3},"requestMetadata":{"team":"x"}}""", modelInPath: true);
        Assert.Equal(3, envelope.MaxOutputTokens);
        Assert.Equal(1, envelope.Media);
        Assert.Equal(1, envelope.References);
        Assert.True(envelope.MetadataLength > 0);
    }

    [Fact]
    public void Choices_that_are_made_and_not_sent_count() =>
        Assert.Equal(7, Read(RequestShapes.OpenAICompletions, """{"model":"m","prompt":"x","best_of":7,"n":2}""").Choices);

    [Theory]
    [InlineData("""{"generationConfig":[],"contents":[]}""", EnvelopeProblem.WrongType, "generationConfig")]
    [InlineData("""{"generationConfig":{"maxOutputTokens":1,"maxOutputTokens":2},"contents":[]}""", EnvelopeProblem.Duplicate, "generationConfig.maxOutputTokens")]
    [InlineData("""{"generationConfig":{"maxOutputTokens":"x"},"contents":[]}""", EnvelopeProblem.WrongType, "generationConfig.maxOutputTokens")]
    [InlineData("""{}""", EnvelopeProblem.Missing, "contents")]
    public void What_is_wrong_within_an_object_is_named_with_its_path(string body, EnvelopeProblem problem, string member)
    {
        var error = EnvelopeReader.Read(Encoding.UTF8.GetBytes(body), RequestShapes.Gemini, modelInPath: true, 64, out _);
        Assert.Equal(problem, error.Problem);
        Assert.Equal(member, error.Member);
    }

    [Fact]
    public void A_body_without_a_model_gets_one_in_front()
    {
        var body = """{ "input":"x"}"""u8.ToArray();
        EnvelopeReader.Read(body, RequestShapes.OpenAIEmbeddings, modelInPath: true, 64, out var envelope);
        var splice = BodySplice.Plan(body, envelope, "\"m\""u8.ToArray(), askForUsage: true);
        var result = new byte[splice.Length];
        splice.CopyTo(result);
        Assert.Equal("""{"model":"m", "input":"x"}""", Encoding.UTF8.GetString(result));
    }

    private static RequestEnvelope Read(EnvelopeShape shape, string body, bool modelInPath = false)
    {
        var error = EnvelopeReader.Read(Encoding.UTF8.GetBytes(body), shape, modelInPath, 64, out var envelope);
        Assert.Equal(EnvelopeProblem.None, error.Problem);
        return envelope;
    }
}
