using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Envelopes;

namespace Gateway.Dialects.Tests.Envelopes;

public sealed class BodySpliceTests
{
    [Fact]
    public void Only_the_model_changes_and_every_other_byte_stays()
    {
        const string body = """{ "messages" : [ ] , "x_unknown":1.50e3,"model" : "public", "z":"é\u00e9" }""";
        Assert.Equal(body.Replace("\"public\"", "\"upstream/α\"", StringComparison.Ordinal), Splice(body, "\"upstream/α\"", askForUsage: true));
    }

    [Theory]
    [InlineData("""{"model":"a","stream":true,"messages":[]}""")]
    [InlineData("""{"stream_options":null,"model":"a","stream":true,"messages":[]}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options":null}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options":{}}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options": { }}""")]
    [InlineData("""{"stream_options":{"include_obfuscation":false},"model":"a","stream":true,"messages":[]}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options":{"include_usage":false,"x":1}}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options":{"x":1,"include_usage":null}}""")]
    [InlineData("""{"model":"a","stream":true,"messages":[],"stream_options":{"include_usage":true}}""")]
    public void A_stream_asks_for_usage_whatever_the_caller_said(string body)
    {
        var spliced = Splice(body, "\"b\"", askForUsage: true);
        var expected = JsonNode.Parse(body)!;
        expected["model"] = "b";
        var options = expected["stream_options"] as JsonObject ?? [];
        options["include_usage"] = true;
        expected["stream_options"] = options.DeepClone();
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(spliced)), spliced);
    }

    [Fact]
    public void Usage_is_not_asked_of_a_provider_that_does_not_know_the_option() =>
        Assert.Equal("""{"model":"b","stream":true,"messages":[]}""", Splice("""{"model":"a","stream":true,"messages":[]}""", "\"b\"", askForUsage: false));

    private static string Splice(string body, string model, bool askForUsage)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.Equal(EnvelopeProblem.None, EnvelopeReader.Read(bytes, RequestShapes.OpenAIChat, modelInPath: false, 64, out var envelope).Problem);
        var splice = BodySplice.Plan(bytes, envelope, Encoding.UTF8.GetBytes(model), askForUsage);
        var result = new byte[splice.Length];
        splice.CopyTo(result);
        return Encoding.UTF8.GetString(result);
    }
}
