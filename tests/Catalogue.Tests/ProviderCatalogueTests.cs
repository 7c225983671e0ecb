using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue.Tests;

public sealed class ProviderCatalogueTests
{
    [Theory]
    [InlineData("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")]
    [InlineData("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY")]
    [InlineData("gemini", "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY,GOOGLE_API_KEY")]
    [InlineData("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY")]
    [InlineData("chutes", "https://llm.chutes.ai/v1", "CHUTES_API_KEY")]
    public void Find_knows_the_provider(string id, string baseUrl, string variables)
    {
        var provider = ProviderCatalogue.Default.Find(id);

        Assert.NotNull(provider);
        Assert.Equal(baseUrl, provider.BaseUrl);
        Assert.Equal(variables, string.Join(',', provider.KeyVariables));
        Assert.Equal("Authorization", provider.AuthHeader);
    }

    [Fact]
    public void Every_line_of_the_table_is_usable()
    {
        var all = ProviderCatalogue.Default.All;

        Assert.True(all.Count(p => p.Kind == ProviderKind.OpenAI) >= 110, $"{all.Count} providers");
        Assert.Equal(all.Count, all.Select(p => p.Id).Distinct().Count());
        Assert.All(all, p => Assert.Matches("^[a-z0-9][a-z0-9._-]*$", p.Id));
        Assert.All(
            all.Where(p => p is { HasUsableBaseUrl: true, BaseUrl.Length: > 0 }),
            p => Assert.True(Uri.TryCreate(p.BaseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Query.Length == 0, p.Id));
        Assert.All(all, p => Assert.All(p.KeyVariables, v => Assert.Matches("^[A-Z][A-Z0-9_]+$", v)));
    }

    [Fact]
    public void No_key_variable_belongs_to_two_providers()
        => Assert.Empty(ProviderCatalogue.Default.All.SelectMany(p => p.KeyVariables).GroupBy(v => v).Where(g => g.Count() > 1).Select(g => g.Key));

    [Fact]
    public void Quirks_that_the_edge_acts_on_are_columns()
    {
        Assert.False(ProviderCatalogue.Default.Find("mistral")!.StreamUsageOption);
        Assert.False(ProviderCatalogue.Default.Find("mistral")!.ToEntry().StreamUsageOption);
        Assert.Equal("api-subscription-key", ProviderCatalogue.Default.Find("sarvam")!.ToEntry().AuthHeader);
        Assert.False(ProviderCatalogue.Default.Find("databricks")!.HasUsableBaseUrl);
        Assert.Null(ProviderCatalogue.Default.Find("nobody"));
    }
}
