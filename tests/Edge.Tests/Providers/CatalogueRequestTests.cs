using System.Text.Json.Nodes;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Tests.Providers;

/// <summary>Makes a request of every line of the built-in table: adding a provider is a change of data, and the data is what leaves the gateway.</summary>
public sealed class CatalogueRequestTests : IDisposable
{
    private const string Body = """
        {"model":"m","messages":[{"role":"user","content":"hi","logprobs":1}],"max_completion_tokens":9,"seed":1,"user":"u","logit_bias":{},"logprobs":true,"top_logprobs":1,"store":true,"n":1,
        "stream_options":{"include_usage":true},"parallel_tool_calls":true,"frequency_penalty":0,"presence_penalty":0,"service_tier":"auto","verbosity":"low","unknown_member":{"kept":[1]}}
        """;

    private readonly AdapterHarness _harness = new();

    public static TheoryData<string> Compatible => [.. ProviderCatalogue.Default.All.Where(static p => p.Kind == ProviderKind.OpenAI).Select(static p => p.Id)];

    public static TheoryData<string> Others => [.. ProviderCatalogue.Default.All.Where(static p => p.Kind != ProviderKind.OpenAI).Select(static p => p.Id)];

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void There_are_at_least_a_hundred_compatible_providers() => Assert.True(Compatible.Count >= 100, $"{Compatible.Count} rows");

    [Theory]
    [MemberData(nameof(Compatible))]
    public async Task A_compatible_provider_gets_its_address_header_and_body(string id)
    {
        var known = ProviderCatalogue.Default.Find(id)!;
        // Where every installation has its own address, one is given; where a variable is part of it, that variable.
        var root = known.BaseUrl.Length == 0 ? "https://own.test/v1" : known.ExpandBaseUrl(static _ => "filled-in")!;
        var deployment = _harness.Deploy(known.ToEntry(root), new CredentialEntry { Id = "c", ProviderId = id, Secret = "the-key" }, "m");

        var sent = await _harness.SendAsync(deployment, UpstreamTarget.Chat(DialectId.OpenAIChat, "m", false), Body);

        Assert.Equal(("POST", root + "/chat/completions"), (sent.Method, sent.Address));
        Assert.DoesNotContain('{', sent.Address);
        var header = known.AuthHeader.ToLowerInvariant();
        Assert.Equal(header == "authorization" ? "Bearer the-key" : "the-key", sent.Headers[header]);
        Assert.Equal(header == "authorization", sent.Headers.ContainsKey("authorization"));
        Assert.All(known.Headers, h => Assert.Equal(h.Value, sent.Headers[h.Key.ToLowerInvariant()]));

        var expected = JsonNode.Parse(Body)!.AsObject();
        Assert.All(known.DroppedParameters, name => expected.Remove(name));
        foreach (var (from, to) in known.RenamedParameters)
        {
            expected.Remove(from, out var value);
            expected[to] = value;
        }

        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(sent.Body)), sent.Body);
        Assert.True(known.RenamedParameters.Count + known.DroppedParameters.Count > 0 || sent.Body == Body, "a body without edits must keep its bytes");

        var adapter = deployment.Provider.Adapter;
        Assert.Equal(known.NativeResponses ? DialectId.OpenAIResponses : DialectId.OpenAIChat, adapter.ChatDialect(DialectId.OpenAIResponses, "m"));
        Assert.Equal(root + "/embeddings", adapter.Address(UpstreamTarget.Embedding("m"))!.AbsoluteUri);
        var described = adapter.Describe("m", DialectId.OpenAIChat, 5);
        Assert.Equal((id, known.StreamUsageOption, 5), (described.Provider, described.StreamUsageOption, described.MaxOutputTokens));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void A_provider_of_another_kind_can_be_called_with_what_the_environment_says(string id)
    {
        var known = ProviderCatalogue.Default.Find(id)!;
        var entry = known.ToEntry(known.BaseUrl.Length == 0 && known.BaseUrlVariable is not null ? "https://own.test" : null) with { Region = "r-1", Project = "p-1" };
        var adapter = _harness.Deploy(entry, null, "m").Provider.Adapter;

        var operation = adapter.ChatDialect(DialectId.OpenAIChat, "m") is null ? UpstreamOperation.Speech : UpstreamOperation.Chat;
        var target = new UpstreamTarget(operation, adapter.ChatDialect(DialectId.OpenAIChat, "m") ?? DialectId.OpenAIChat, "m", false);
        Assert.True(adapter.Address(target) is { IsAbsoluteUri: true, Host.Length: > 0 });
    }

    [Fact]
    public void Mistral_quirks_are_data()
    {
        var mistral = ProviderCatalogue.Default.Find("mistral")!;

        Assert.Equal("random_seed", mistral.RenamedParameters["seed"]);
        Assert.Contains("stream_options", mistral.DroppedParameters);
        Assert.Equal("x_groq.usage", ProviderCatalogue.Default.Find("groq")!.UsagePath);
        Assert.False(ProviderCatalogue.Default.Find("openai")!.Normalize);
        Assert.True(ProviderCatalogue.Default.Find("groq")!.Normalize);
        Assert.Equal("Gateway", ProviderCatalogue.Default.Find("openrouter")!.Headers["X-Title"]);
    }
}
