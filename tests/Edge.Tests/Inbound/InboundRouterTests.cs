using Gateway.Dialects.Chat;
using Gateway.Edge.Http.Inbound;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Inbound;

public sealed class InboundRouterTests
{
    [Theory]
    [InlineData("POST", "/v1/chat/completions", DialectId.OpenAIChat, null)]
    [InlineData("POST", "/openai/v1/chat/completions", DialectId.OpenAIChat, null)]
    [InlineData("POST", "/openai/chat/completions", DialectId.OpenAIChat, null)]
    [InlineData("POST", "/litellm/chat/completions", DialectId.OpenAIChat, null)]
    [InlineData("POST", "/langchain/v1/completions", DialectId.OpenAICompletions, null)]
    [InlineData("POST", "/openai/deployments/my-gpt/chat/completions", DialectId.OpenAIChat, "my-gpt")]
    [InlineData("POST", "/openai/openai/deployments/my-gpt/embeddings", DialectId.OpenAIChat, "my-gpt")]
    [InlineData("POST", "/litellm/openai/deployments/a%2Fb/completions", DialectId.OpenAICompletions, "a/b")]
    [InlineData("POST", "/v1/responses", DialectId.OpenAIResponses, null)]
    [InlineData("POST", "/openai/responses", DialectId.OpenAIResponses, null)]
    [InlineData("POST", "/openai/deployments/m/responses", DialectId.OpenAIResponses, "m")]
    [InlineData("POST", "/v1/messages", DialectId.Anthropic, null)]
    [InlineData("POST", "/anthropic/v1/messages", DialectId.Anthropic, null)]
    [InlineData("POST", "/anthropic/messages", DialectId.Anthropic, null)]
    [InlineData("POST", "/langchain/v1/messages", DialectId.Anthropic, null)]
    [InlineData("POST", "/v1beta/models/gemini-2.5-pro:generateContent", DialectId.Gemini, "gemini-2.5-pro")]
    [InlineData("POST", "/v1/models/google%2Fgemini:streamGenerateContent", DialectId.Gemini, "google/gemini")]
    [InlineData("POST", "/genai/v1beta/models/m:streamGenerateContent", DialectId.Gemini, "m")]
    [InlineData("POST", "/v1/projects/p/locations/l/publishers/google/models/m:generateContent", DialectId.Gemini, "m")]
    [InlineData("POST", "/genai/v1beta1/projects/p/locations/l/publishers/google/models/a%2Fm:streamGenerateContent", DialectId.Gemini, "a/m")]
    [InlineData("POST", "/model/eu.anthropic.claude-v1:0/converse", DialectId.BedrockConverse, "eu.anthropic.claude-v1:0")]
    [InlineData("POST", "/bedrock/model/a%2Fb/converse-stream", DialectId.BedrockConverse, "a/b")]
    [InlineData("POST", "/v2/chat", DialectId.Cohere, null)]
    [InlineData("POST", "/cohere/chat", DialectId.Cohere, null)]
    [InlineData("GET", "/anthropic/v1/models", DialectId.Anthropic, null)]
    [InlineData("GET", "/v1beta/models", DialectId.Gemini, null)]
    [InlineData("GET", "/v1/models", DialectId.OpenAIChat, null)]
    [InlineData("GET", "/v1/models/a/b", DialectId.OpenAIChat, "a/b")]
    public void An_address_is_served(string method, string path, DialectId dialect, string? captured)
    {
        var match = InboundRouter.Match(path, method, new HeaderDictionary());
        Assert.Equal(InboundMatchKind.Found, match.Kind);
        Assert.Equal(dialect, match.Dialect);
        Assert.Equal(captured, match.Captured);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", nameof(InboundMatchKind.WrongMethod), DialectId.OpenAIChat)]
    [InlineData("POST", "/v1/nothing", nameof(InboundMatchKind.Unknown), DialectId.OpenAIChat)]
    [InlineData("POST", "/v1", nameof(InboundMatchKind.Unknown), DialectId.OpenAIChat)]
    [InlineData("POST", "/v1beta/nothing", nameof(InboundMatchKind.Unknown), DialectId.Gemini)]
    [InlineData("POST", "/v2/nothing", nameof(InboundMatchKind.Unknown), DialectId.Cohere)]
    [InlineData("POST", "/model/x/nothing", nameof(InboundMatchKind.Unknown), DialectId.BedrockConverse)]
    [InlineData("POST", "/anthropic/v1/nothing", nameof(InboundMatchKind.Unknown), DialectId.Anthropic)]
    [InlineData("POST", "/anthropic/v1/chat/completions", nameof(InboundMatchKind.Unknown), DialectId.Anthropic)]
    [InlineData("POST", "/genai/nothing", nameof(InboundMatchKind.Unknown), DialectId.Gemini)]
    [InlineData("POST", "/deployments/x/chat/completions", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("POST", "/chat/completions", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("GET", "/openai", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("GET", "/openaix/v1/models", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("GET", "/api/keys", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("GET", "/", nameof(InboundMatchKind.Foreign), default(DialectId))]
    [InlineData("GET", "", nameof(InboundMatchKind.Foreign), default(DialectId))]
    public void What_is_not_served_is_told_in_the_callers_dialect_or_left_to_others(string method, string path, string kind, DialectId dialect)
    {
        var match = InboundRouter.Match(path, method, new HeaderDictionary());
        Assert.Equal(kind, match.Kind.ToString());
        Assert.Equal(dialect, match.Dialect);
    }

    [Theory]
    [InlineData("anthropic-version", DialectId.Anthropic)]
    [InlineData("x-goog-api-key", DialectId.Gemini)]
    public void Where_families_meet_the_callers_headers_decide(string header, DialectId dialect) =>
        Assert.Equal(dialect, InboundRouter.Match("/v1/models", "GET", new HeaderDictionary { [header] = "x" }).Dialect);

    [Fact]
    public void A_wrong_method_names_the_right_one() =>
        Assert.Equal("POST", InboundRouter.Match("/v1/chat/completions", "GET", new HeaderDictionary()).Allow);

    [Fact]
    public void The_commonest_address_costs_no_allocation()
    {
        var headers = new HeaderDictionary();
        InboundRouter.Match("/v1/chat/completions", "POST", headers);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            InboundRouter.Match("/v1/chat/completions", "POST", headers);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
