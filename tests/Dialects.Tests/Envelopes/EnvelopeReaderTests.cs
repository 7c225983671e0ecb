using System.Text;
using Gateway.Dialects.Envelopes;

namespace Gateway.Dialects.Tests.Envelopes;

public sealed class EnvelopeReaderTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Fact]
    public void A_plain_body_gives_its_model_and_defaults()
    {
        var body = $$"""{"model":"gpt-4o",{{Messages}}}""";
        var envelope = Read(body);
        Assert.Equal("\"gpt-4o\"", body.Substring(envelope.ModelStart, envelope.ModelLength));
        Assert.False(envelope.Stream);
        Assert.Equal(-1, envelope.MaxOutputTokens);
        Assert.Equal(1, envelope.Choices);
        Assert.Equal(StreamUsage.NoOptions, envelope.StreamUsage);
    }

    [Theory]
    [InlineData("\"stream\":true", true)]
    [InlineData("\"stream\":false", false)]
    [InlineData("\"stream\":null", false)]
    public void Stream_is_read(string member, bool expected) => Assert.Equal(expected, Read($$"""{"model":"m",{{member}},{{Messages}}}""").Stream);

    [Fact]
    public void The_larger_of_both_output_caps_bounds_the_request() =>
        Assert.Equal(200, Read($$"""{"model":"m","max_tokens":200,"max_completion_tokens":100,"n":3,{{Messages}}}""").MaxOutputTokens);

    [Theory]
    [InlineData("", false, 0, 0)]
    [InlineData("\"tools\":null,", false, 0, 0)]
    [InlineData("\"tools\":[],", false, 0, 0)]
    [InlineData("\"tools\":7,", true, 0, 0)]
    [InlineData("\"functions\":[{\"name\":\"f\",\"parameters\":{\"type\":\"computer\"}}],", true, 0, 0)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"web_search\"}},{\"type\":\"custom\"}],", true, 0, 0)]
    [InlineData("\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}},{\"type\":\"computer_20251124\",\"x\":[{\"type\":\"y\"}]},{\"type\":\"b\\u0061sh_20250124\"}],", true, 1, 1)]
    [InlineData("\"tools\":[{\"type\":\"web_search_20250305\"},{\"type\":\"mcp\"},{\"type\":\"apply_patch\"},{\"type\":[\"mcp\"]}],", true, 1, 2)]
    public void Tools_are_told_apart_by_who_describes_and_runs_them(string member, bool hasTools, int builtIn, int hosted)
    {
        foreach (var shape in (EnvelopeShape[])[RequestShapes.OpenAIChat, RequestShapes.Anthropic])
        {
            Assert.Equal(EnvelopeProblem.None, EnvelopeReader.Read(Encoding.UTF8.GetBytes($$"""{"model":"m",{{member}}{{Messages}}}"""), shape, false, 64, out var envelope).Problem);
            if (shape == RequestShapes.OpenAIChat || !member.Contains("functions", StringComparison.Ordinal))
            {
                Assert.Equal((hasTools, builtIn, hosted), (envelope.HasTools, (int)envelope.BuiltInTools, (int)envelope.HostedTools));
            }
        }
    }

    [Theory]
    [InlineData("{\"type\":\"web_search_20250305\",\"max_uses\":3}", 3)]
    [InlineData("{\"max_uses\":3,\"name\":\"web_search\",\"type\":\"web_search_20260209\"},{\"type\":\"web_fetch_20250910\",\"max_uses\":7}", 3)]
    [InlineData("{\"type\":\"web_search_20250305\",\"max_uses\":3},{\"type\":\"web_search_20250305\",\"max_uses\":4}", 7)]
    [InlineData("{\"type\":\"web_search_20250305\",\"max_uses\":3},{\"type\":\"web_search_20250305\"}", 0)]
    [InlineData("{\"type\":\"web_search_20250305\",\"max_uses\":\"3\"}", 0)]
    [InlineData("{\"type\":\"web_search_20250305\",\"max_uses\":-3}", 0)]
    [InlineData("{\"name\":\"f\",\"input_schema\":{\"type\":\"web_search\",\"max_uses\":3}}", 0)]
    public void How_often_the_web_may_be_searched_is_read(string tools, int most)
    {
        Assert.Equal(EnvelopeProblem.None, EnvelopeReader.Read(Encoding.UTF8.GetBytes($$"""{"model":"m","tools":[{{tools}}],{{Messages}}}"""), RequestShapes.Anthropic, false, 64, out var envelope).Problem);
        Assert.Equal(most, envelope.MostSearches);
    }

    [Theory]
    [InlineData("[{\"functionDeclarations\":[{\"name\":\"googleSearch\",\"parameters\":{\"codeExecution\":1}}]}]", 0)]
    [InlineData("[{\"function_declarations\":[]},{\"googleSearch\":{}},{\"urlContext\":{},\"codeExecution\":{}}]", 3)]
    public void Tools_of_Gemini_are_named_by_their_members(string tools, int hosted)
    {
        Assert.Equal(EnvelopeProblem.None, EnvelopeReader.Read(Encoding.UTF8.GetBytes($$"""{"tools":{{tools}},"contents":[]}"""), RequestShapes.Gemini, true, 64, out var envelope).Problem);
        Assert.Equal((true, 0, hosted), (envelope.HasTools, (int)envelope.BuiltInTools, (int)envelope.HostedTools));
    }

    [Fact]
    public void An_escaped_member_name_is_the_member_it_spells()
    {
        var error = Error($$"""{"model":"a","\u006dodel":"b",{{Messages}}}""");
        Assert.Equal(EnvelopeProblem.Duplicate, error.Problem);
        Assert.Equal("model", error.Member);
    }

    [Theory]
    [InlineData("", EnvelopeProblem.Malformed, null)]
    [InlineData("{", EnvelopeProblem.Malformed, null)]
    [InlineData("[]", EnvelopeProblem.NotAnObject, null)]
    [InlineData("\"x\"", EnvelopeProblem.NotAnObject, null)]
    [InlineData("{\"model\":\"m\",}", EnvelopeProblem.Malformed, null)]
    [InlineData("{\"model\":\"m\",\"messages\":[]} {}", EnvelopeProblem.Malformed, null)]
    [InlineData("{\"messages\":[]}", EnvelopeProblem.Missing, "model")]
    [InlineData("{\"model\":\"m\"}", EnvelopeProblem.Missing, "messages")]
    [InlineData("{\"model\":7,\"messages\":[]}", EnvelopeProblem.WrongType, "model")]
    [InlineData("{\"model\":\"\",\"messages\":[]}", EnvelopeProblem.WrongType, "model")]
    [InlineData("{\"model\":\"m\",\"messages\":{}}", EnvelopeProblem.WrongType, "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"stream\":\"yes\"}", EnvelopeProblem.WrongType, "stream")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"n\":0}", EnvelopeProblem.WrongType, "n")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"max_tokens\":1.5}", EnvelopeProblem.WrongType, "max_tokens")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"max_tokens\":-1}", EnvelopeProblem.WrongType, "max_tokens")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"stream_options\":[]}", EnvelopeProblem.WrongType, "stream_options")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"stream_options\":{\"include_usage\":1,\"x\":{}}}", EnvelopeProblem.WrongType, "stream_options.include_usage")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"stream\":true,\"stream\":false}", EnvelopeProblem.Duplicate, "stream")]
    [InlineData("{\"model\":\"m\",\"messages\":[],\"metadata\":\"x\"}", EnvelopeProblem.WrongType, "metadata")]
    public void What_is_wrong_is_named(string body, EnvelopeProblem problem, string? member)
    {
        var error = Error(body);
        Assert.Equal(problem, error.Problem);
        Assert.Equal(member, error.Member);
        Assert.False(string.IsNullOrEmpty(error.Detail));
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_told_apart_from_broken_json()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));
        Assert.Equal(EnvelopeProblem.TooDeep, Error($$"""{"model":"m","x":{{deep}},{{Messages}}}""").Problem);
    }

    [Fact]
    public void Required_metadata_is_found()
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"model":"m","metadata":{"a":{"b":1},"team":"x"},{{{Messages}}}}""");
        EnvelopeReader.Read(body, RequestShapes.OpenAIChat, modelInPath: false, 64, out var envelope);
        Assert.True(EnvelopeReader.HasMetadata(body, envelope, "team"));
        Assert.False(EnvelopeReader.HasMetadata(body, envelope, "b"));
    }

    [Fact]
    public void The_parsing_test_suite_is_accepted_or_refused_but_never_throws()
    {
        var folder = Path.Combine(SourceTree.SharedData, "robustness", "JSONTestSuite", "test_parsing");
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} is not there");
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            var value = File.ReadAllBytes(file);
            byte[] body = [.. "{\"model\":\"m\",\"messages\":[],\"x\":"u8, .. value, .. "}"u8];
            var problem = EnvelopeReader.Read(body, RequestShapes.OpenAIChat, modelInPath: false, 64, out _).Problem;
            if (Path.GetFileName(file).StartsWith("y_", StringComparison.Ordinal))
            {
                Assert.True(problem is EnvelopeProblem.None or EnvelopeProblem.TooDeep, file);
            }
        }
    }

    private static RequestEnvelope Read(string body)
    {
        var error = EnvelopeReader.Read(Encoding.UTF8.GetBytes(body), RequestShapes.OpenAIChat, modelInPath: false, 64, out var envelope);
        Assert.Equal(EnvelopeProblem.None, error.Problem);
        return envelope;
    }

    private static EnvelopeError Error(string body) => EnvelopeReader.Read(Encoding.UTF8.GetBytes(body), RequestShapes.OpenAIChat, modelInPath: false, 64, out _);
}
