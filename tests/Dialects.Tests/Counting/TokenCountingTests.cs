using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Counting;

namespace Gateway.Dialects.Tests.Counting;

public sealed class TokenCountingTests
{
    private const string Gemini = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}""";
    private const string Anthropic = """{"model":"m","system":"s","messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData(DialectId.Gemini, Gemini)]
    [InlineData(DialectId.Gemini, """{"generateContentRequest":{"model":"models/m","contents":[{"role":"user","parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}}""")]
    [InlineData(DialectId.Anthropic, Anthropic)]
    public void A_question_is_said_in_either_dialect(DialectId caller, string body)
    {
        Assert.Null(TokenCounting.ReadRequest(caller, Encoding.UTF8.GetBytes(body), new RequestLocation("m", false), out var request));
        Assert.Equal("m", request.Model);
        Assert.Equal(Said.Canonical("{\"generateContentRequest\":{\"model\":\"models/up\"," + Gemini[1..] + "}"), Said.Canonical(Write(DialectId.Gemini, request, "gemini")));
        Assert.Equal(Said.Canonical(Gemini), Said.Canonical(Write(DialectId.Gemini, request, "vertex")));
        var anthropic = Write(DialectId.Anthropic, request, "anthropic");
        Assert.DoesNotContain("max_tokens", anthropic, StringComparison.Ordinal);
        Assert.DoesNotContain("stream", anthropic, StringComparison.Ordinal);
        Assert.Contains("\"model\":\"up\"", anthropic, StringComparison.Ordinal);
        Assert.Null(TokenCounting.ReadRequest(DialectId.Anthropic, Encoding.UTF8.GetBytes(anthropic), default, out var again));
        Assert.Equal(["s", "hi"], again.Messages.SelectMany(static m => m.Parts).Cast<TextPart>().Select(static t => t.Text));
    }

    [Theory]
    [InlineData(DialectId.Gemini)]
    [InlineData(DialectId.Anthropic)]
    public void The_number_comes_back(DialectId dialect)
    {
        var output = new ArrayBufferWriter<byte>();
        TokenCounting.WriteAnswer(dialect, 42, output);
        Assert.Equal(42, TokenCounting.ReadAnswer(dialect, output.WrittenSpan));
        Assert.Null(TokenCounting.ReadAnswer(dialect, "{}"u8));
        Assert.Null(TokenCounting.ReadAnswer(dialect, "nonsense"u8));
        Assert.NotNull(TokenCounting.ReadRequest(dialect, "["u8.ToArray(), default, out _));
    }

    private static string Write(DialectId dialect, ChatRequest request, string provider)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(TokenCounting.WriteRequest(dialect, request, new RequestTarget { Model = "up", Provider = provider }, output, new DropList()));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
