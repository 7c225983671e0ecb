using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Tests.Providers;

/// <summary>Address, headers and body of a request to each kind of provider.</summary>
public sealed class AdapterTests : IDisposable
{
    private readonly AdapterHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(ProviderKind.OpenAI, "https://x.test/v1", null, "https://x.test/v1/chat/completions", "authorization: Bearer k")]
    [InlineData(ProviderKind.AzureOpenAI, "https://r.openai.azure.com", null, "https://r.openai.azure.com/openai/v1/chat/completions", "api-key: k")]
    [InlineData(ProviderKind.AzureOpenAI, "https://r.openai.azure.com/openai/v1/", null, "https://r.openai.azure.com/openai/v1/chat/completions", "api-key: k")]
    [InlineData(ProviderKind.AzureOpenAI, "https://r.openai.azure.com/openai", "preview", "https://r.openai.azure.com/openai/v1/chat/completions?api-version=preview", "api-key: k")]
    [InlineData(ProviderKind.AzureOpenAI, "https://r.openai.azure.com/", "2024-10-21", "https://r.openai.azure.com/openai/deployments/m%201/chat/completions?api-version=2024-10-21", "api-key: k")]
    [InlineData(ProviderKind.Anthropic, "", null, "https://api.anthropic.com/v1/messages", "x-api-key: k")]
    [InlineData(ProviderKind.Gemini, "", null, "https://generativelanguage.googleapis.com/v1beta/models/m%201:generateContent", "x-goog-api-key: k")]
    [InlineData(ProviderKind.Bedrock, "", null, "https://bedrock-runtime.eu-central-1.amazonaws.com/model/m%201/converse", "authorization: Bearer k")]
    [InlineData(ProviderKind.Bedrock, "http://localhost:9", null, "http://localhost:9/model/m%201/converse", "authorization: Bearer k")]
    [InlineData(ProviderKind.Cohere, "", null, "https://api.cohere.com/v2/chat", "authorization: Bearer k")]
    [InlineData(ProviderKind.Cohere, "https://proxy.test/v2", null, "https://proxy.test/v2/chat", "authorization: Bearer k")]
    public async Task Plain_chat(ProviderKind kind, string baseUrl, string? version, string address, string credential)
    {
        var entry = new ProviderEntry { Id = "p", Kind = kind, BaseUrl = baseUrl, ApiVersion = version, Region = kind == ProviderKind.Bedrock ? "eu-central-1" : null };
        var deployment = _harness.Deploy(entry, Key, "m 1");
        var dialect = deployment.Provider.Adapter.ChatDialect(DialectId.OpenAIChat, "m 1")!.Value;

        var sent = await _harness.SendAsync(deployment, UpstreamTarget.Chat(dialect, "m 1", false), """{"a":1}""");

        Assert.Equal(("POST", address, """{"a":1}"""), (sent.Method, sent.Address, sent.Body));
        Assert.Equal(credential[(credential.IndexOf(' ', StringComparison.Ordinal) + 1)..], sent.Headers[credential[..credential.IndexOf(':', StringComparison.Ordinal)]]);
        Assert.Equal("application/json", sent.Headers["content-type"]);
    }

    [Theory]
    [InlineData(ProviderKind.Gemini, "gemini-2.5-pro", nameof(UpstreamOperation.Chat), true, "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse")]
    [InlineData(ProviderKind.Gemini, "tunedModels/mine", nameof(UpstreamOperation.Chat), false, "/v1beta/tunedModels/mine:generateContent")]
    [InlineData(ProviderKind.Gemini, "gemini-2.5-pro", nameof(UpstreamOperation.CountTokens), false, "/v1beta/models/gemini-2.5-pro:countTokens")]
    [InlineData(ProviderKind.Gemini, "gemini-embedding-001", nameof(UpstreamOperation.Embedding), false, "/v1beta/models/gemini-embedding-001:batchEmbedContents")]
    [InlineData(ProviderKind.Anthropic, "claude", nameof(UpstreamOperation.CountTokens), false, "/v1/messages/count_tokens")]
    [InlineData(ProviderKind.Bedrock, "arn:aws:bedrock:eu:1:inference-profile/eu.x-v1:0", nameof(UpstreamOperation.Chat), true, "/model/arn%3Aaws%3Abedrock%3Aeu%3A1%3Ainference-profile%2Feu.x-v1%3A0/converse-stream")]
    [InlineData(ProviderKind.Bedrock, "amazon.titan-embed-text-v2:0", nameof(UpstreamOperation.Embedding), false, "/model/amazon.titan-embed-text-v2%3A0/invoke")]
    [InlineData(ProviderKind.Cohere, "embed-v4.0", nameof(UpstreamOperation.Embedding), false, "/v2/embed")]
    [InlineData(ProviderKind.Cohere, "rerank-v3.5", nameof(UpstreamOperation.Rerank), false, "/v2/rerank")]
    [InlineData(ProviderKind.VertexAI, "gemini-2.5-pro", nameof(UpstreamOperation.Chat), true, "/v1beta1/projects/pr/locations/eu-west4/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse")]
    [InlineData(ProviderKind.VertexAI, "google/gemini-2.5-pro", nameof(UpstreamOperation.CountTokens), false, "/v1beta1/projects/pr/locations/eu-west4/publishers/google/models/gemini-2.5-pro:countTokens")]
    [InlineData(ProviderKind.VertexAI, "text-embedding-005", nameof(UpstreamOperation.Embedding), false, "/v1/projects/pr/locations/eu-west4/publishers/google/models/text-embedding-005:predict")]
    [InlineData(ProviderKind.VertexAI, "claude-3-7-sonnet@20250219", nameof(UpstreamOperation.Chat), true, "/v1/projects/pr/locations/eu-west4/publishers/anthropic/models/claude-3-7-sonnet@20250219:streamRawPredict")]
    [InlineData(ProviderKind.VertexAI, "claude-x", nameof(UpstreamOperation.CountTokens), false, "/v1/projects/pr/locations/eu-west4/publishers/anthropic/models/count-tokens:rawPredict")]
    [InlineData(ProviderKind.VertexAI, "mistral-medium-3", nameof(UpstreamOperation.Chat), false, "/v1/projects/pr/locations/eu-west4/publishers/mistralai/models/mistral-medium-3:rawPredict")]
    [InlineData(ProviderKind.VertexAI, "meta/llama-4", nameof(UpstreamOperation.Chat), true, "/v1/projects/pr/locations/eu-west4/endpoints/openapi/chat/completions")]
    [InlineData(ProviderKind.WatsonX, "ibm/granite", nameof(UpstreamOperation.Chat), true, "/ml/v1/text/chat_stream?version=2025-02-06")]
    [InlineData(ProviderKind.WatsonX, "deployment/d1", nameof(UpstreamOperation.Chat), false, "/ml/v1/deployments/d1/text/chat?version=2025-02-06")]
    public void Addresses(ProviderKind kind, string model, string operation, bool stream, string path)
    {
        var entry = new ProviderEntry { Id = "p", Kind = kind, Region = kind == ProviderKind.WatsonX ? null : "eu-west4", Project = "pr" };
        var adapter = _harness.Deploy(entry, null, model).Provider.Adapter;
        var dialect = adapter.ChatDialect(DialectId.OpenAIChat, model)!.Value;

        Assert.Equal(path, adapter.Address(new UpstreamTarget(Enum.Parse<UpstreamOperation>(operation), dialect, model, stream))!.PathAndQuery);
    }

    [Theory]
    [InlineData(ProviderKind.OpenAI, nameof(UpstreamOperation.CountTokens), DialectId.Anthropic)]
    [InlineData(ProviderKind.OpenAI, nameof(UpstreamOperation.Embedding), DialectId.Gemini)]
    [InlineData(ProviderKind.Anthropic, nameof(UpstreamOperation.CountTokens), DialectId.Gemini)]
    [InlineData(ProviderKind.Anthropic, nameof(UpstreamOperation.Embedding), DialectId.OpenAIChat)]
    [InlineData(ProviderKind.Gemini, nameof(UpstreamOperation.CountTokens), DialectId.Anthropic)]
    [InlineData(ProviderKind.Bedrock, nameof(UpstreamOperation.Embedding), DialectId.OpenAIChat)]
    [InlineData(ProviderKind.VertexAI, nameof(UpstreamOperation.Embedding), DialectId.OpenAIChat)]
    [InlineData(ProviderKind.WatsonX, nameof(UpstreamOperation.Embedding), DialectId.OpenAIChat)]
    [InlineData(ProviderKind.Cohere, nameof(UpstreamOperation.Embedding), DialectId.Gemini)]
    public void A_body_in_a_form_that_is_not_understood_has_no_address(ProviderKind kind, string operation, DialectId dialect)
    {
        var adapter = _harness.Deploy(new ProviderEntry { Id = "p", Kind = kind, BaseUrl = "https://x.test", Region = "r", Project = "p" }, null, "m").Provider.Adapter;

        Assert.Null(adapter.Address(new UpstreamTarget(Enum.Parse<UpstreamOperation>(operation), dialect, "m", false)));
    }

    [Theory]
    [InlineData(ProviderKind.Gemini, "https://generativelanguage.googleapis.com/v1beta/openai/embeddings")]
    [InlineData(ProviderKind.Cohere, "https://api.cohere.com/compatibility/v1/embeddings")]
    public async Task Embeddings_in_the_form_of_openai_go_to_the_compatible_part(ProviderKind kind, string address)
    {
        var deployment = _harness.Deploy(new ProviderEntry { Id = "p", Kind = kind }, Key, "m");

        var sent = await _harness.SendAsync(deployment, UpstreamTarget.Embedding("m"), "{}");

        Assert.Equal((address, "Bearer k"), (sent.Address, sent.Headers["authorization"]));
        Assert.Equal(EmbeddingForm.OpenAI, deployment.Provider.Adapter.Embeddings("m"));
    }

    [Theory]
    [InlineData("global", "https://aiplatform.googleapis.com/")]
    [InlineData("eu", "https://aiplatform.eu.rep.googleapis.com/")]
    [InlineData("us-east5", "https://us-east5-aiplatform.googleapis.com/")]
    public void Vertex_has_a_host_for_each_location(string location, string root)
    {
        var adapter = _harness.Deploy(new ProviderEntry { Id = "p", Kind = ProviderKind.VertexAI, Region = location, Project = "pr" }, null, "m").Provider.Adapter;

        Assert.StartsWith(root, adapter.Address(UpstreamTarget.Chat(DialectId.Gemini, "m", false))!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anthropic_on_vertex_has_its_version_in_the_body_and_its_model_in_the_path()
    {
        _harness.Cloud.Always("""{"access_token":"t","expires_in":60}""");
        _harness.Caller.Request.Headers["anthropic-beta"] = "b-1";
        var deployment = _harness.Deploy(new ProviderEntry { Id = "p", Kind = ProviderKind.VertexAI, Project = "pr" }, null, "claude-x");

        var sent = await _harness.SendAsync(deployment, UpstreamTarget.Chat(DialectId.Anthropic, "claude-x", true), """{ "model":"claude-x", "stream" : true,"max_tokens":5}""");

        Assert.Equal("""{"stream" : true,"max_tokens":5,"anthropic_version":"vertex-2023-10-16"}""", sent.Body);
        Assert.Equal(("b-1", "Bearer t"), (sent.Headers["anthropic-beta"], sent.Headers["authorization"]));
    }

    [Fact]
    public async Task Anthropic_headers_of_the_caller_are_passed_on_and_the_version_has_a_default()
    {
        var deployment = _harness.Deploy(new ProviderEntry { Id = "p", Kind = ProviderKind.Anthropic }, Key, "m");
        var target = UpstreamTarget.Chat(DialectId.Anthropic, "m", false);
        Assert.Equal("2023-06-01", (await _harness.SendAsync(deployment, target, "{}")).Headers["anthropic-version"]);

        _harness.Caller.Request.Headers["anthropic-version"] = "2024-01-01";
        _harness.Caller.Request.Headers["anthropic-beta"] = "one,two";
        _harness.Caller.Request.Headers["x-api-key"] = "the-callers-own";
        var sent = await _harness.SendAsync(deployment, target, "{}");

        Assert.Equal(("2024-01-01", "one,two", "k"), (sent.Headers["anthropic-version"], sent.Headers["anthropic-beta"], sent.Headers["x-api-key"]));
    }

    [Fact]
    public async Task Watsonx_wants_the_project_and_no_stream_member()
    {
        _harness.Cloud.Always("""{"access_token":"t","expires_in":60}""");
        var deployment = _harness.Deploy(new ProviderEntry { Id = "p", Kind = ProviderKind.WatsonX, Project = "pr-1" }, Key, "ibm/granite");

        var sent = await _harness.SendAsync(
            deployment, UpstreamTarget.Chat(DialectId.OpenAIChat, "ibm/granite", true), """{"model":"ibm/granite","messages":[],"stream":true,"stream_options":{"include_usage":true}}""");

        Assert.Equal("""{"model_id":"ibm/granite","messages":[],"project_id":"pr-1"}""", sent.Body);
        Assert.Equal("https://us-south.ml.cloud.ibm.com/ml/v1/text/chat_stream?version=2025-02-06", sent.Address);
    }

    [Fact]
    public async Task Bedrock_with_keys_is_signed_over_the_body_that_is_sent()
    {
        var credential = Key with { Type = CredentialType.Aws, Aws = new AwsIdentity { AccessKeyId = "AKIA" } };
        var deployment = _harness.Deploy(new ProviderEntry { Id = "p", Kind = ProviderKind.Bedrock, Region = "us-east-1" }, credential, "m:0");

        var sent = await _harness.SendAsync(deployment, UpstreamTarget.Chat(DialectId.BedrockConverse, "m:0", false), """{"messages":[]}""");

        Assert.Equal("20261121T120000Z", sent.Headers["x-amz-date"]);
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=", sent.Headers["authorization"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_operator_fixed_wins_over_the_caller()
    {
        _harness.Caller.Request.Headers["OpenAI-Beta"] = "caller";
        var entry = new ProviderEntry { Id = "p", BaseUrl = "https://x.test/v1", AuthHeader = "x-key", Headers = new Dictionary<string, string> { ["OpenAI-Beta"] = "fixed" } };

        var sent = await _harness.SendAsync(_harness.Deploy(entry, Key, "m"), UpstreamTarget.Chat(DialectId.OpenAIChat, "m", false), "{}");

        Assert.Equal(("fixed", "k"), (sent.Headers["openai-beta"], sent.Headers["x-key"]));
    }

    [Theory]
    [InlineData(ProviderKind.OpenAI, false, DialectId.OpenAIResponses, DialectId.OpenAIChat)]
    [InlineData(ProviderKind.OpenAI, true, DialectId.OpenAIResponses, DialectId.OpenAIResponses)]
    [InlineData(ProviderKind.OpenAI, false, DialectId.Anthropic, DialectId.OpenAIChat)]
    [InlineData(ProviderKind.AzureOpenAI, false, DialectId.OpenAIResponses, DialectId.OpenAIResponses)]
    [InlineData(ProviderKind.Anthropic, false, DialectId.OpenAIChat, DialectId.Anthropic)]
    [InlineData(ProviderKind.Bedrock, false, DialectId.Anthropic, DialectId.BedrockConverse)]
    [InlineData(ProviderKind.WatsonX, false, DialectId.OpenAICompletions, DialectId.OpenAIChat)]
    [InlineData(ProviderKind.Deepgram, false, DialectId.OpenAIChat, null)]
    public void The_dialect_spoken_is_the_callers_where_the_provider_knows_it(ProviderKind kind, bool responses, DialectId caller, DialectId? spoken)
    {
        var entry = new ProviderEntry { Id = "p", Kind = kind, BaseUrl = "https://x.test", Region = "r", NativeResponses = responses };

        Assert.Equal(spoken, ProviderAdapters.Create(entry).ChatDialect(caller, "m"));
    }

    [Theory]
    [InlineData(ProviderKind.Bedrock, "AWS_REGION")]
    [InlineData(ProviderKind.VertexAI, "GOOGLE_CLOUD_PROJECT")]
    [InlineData(ProviderKind.AzureOpenAI, "https://RESOURCE.openai.azure.com")]
    [InlineData(ProviderKind.OpenAI, "absolute http or https address")]
    public void What_is_missing_is_told(ProviderKind kind, string hint) =>
        Assert.Contains(hint, ProviderDefaults.Problem(ProviderDefaults.Fill(new ProviderEntry { Id = "p", Kind = kind }, [], static _ => null)), StringComparison.Ordinal);

    private static CredentialEntry Key => new() { Id = "c", ProviderId = "p", Secret = "k" };
}
