using Gateway.Contracts.Configuration;
using Gateway.Edge.Passthrough;

namespace Gateway.Edge.Tests.Passthrough;

public sealed class PassthroughAddressTests
{
    [Theory]
    [InlineData("https://api.example.com/v1", "/passthrough/p/files", "https://api.example.com/v1/files")]
    [InlineData("https://api.example.com/v1", "/passthrough/p/v1/files", "https://api.example.com/v1/files")]
    [InlineData("https://api.example.com/v1/", "/passthrough/p/v1beta/files?a=b&key=c", "https://api.example.com/v1beta/files?a=b&key=c")]
    [InlineData("https://api.example.com/openai/v1", "/passthrough/p/openai/v1/models", "https://api.example.com/openai/v1/models")]
    [InlineData("https://api.example.com/openai/v1", "/passthrough/p/v1/models", "https://api.example.com/openai/v1/models")]
    [InlineData("https://api.example.com", "/passthrough/p/model/a%2Fb%3A0/converse", "https://api.example.com/model/a%2Fb%3A0/converse")]
    [InlineData("https://api.example.com/v1", "/passthrough/p", "https://api.example.com/v1")]
    [InlineData("https://api.example.com/v1", "/passthrough/p/", "https://api.example.com/v1/")]
    [InlineData("https://api.example.com", "/passthrough/p/@evil.example/x", "https://api.example.com/@evil.example/x")]
    [InlineData("https://api.example.com", "/passthrough/p//evil.example/x", "https://api.example.com//evil.example/x")]
    public void A_path_lands_below_the_provider(string baseUrl, string target, string expected)
    {
        Assert.True(PassthroughAddress.TryParse(target, out var address));
        Assert.Equal(expected, address.At(new ProviderEntry { Id = "p", BaseUrl = baseUrl }).AbsoluteUri);
    }

    [Fact]
    public void The_key_in_a_Gemini_address_is_the_callers_and_stays_here()
    {
        Assert.True(PassthroughAddress.TryParse("/passthrough/g/v1beta/files?key=gw-secret&pageSize=2", out var address));
        var provider = new ProviderEntry { Id = "g", Kind = ProviderKind.Gemini, BaseUrl = "https://g.example.com/v1beta" };
        Assert.Equal("https://g.example.com/v1beta/files?pageSize=2", address.At(provider).AbsoluteUri);
        Assert.True(PassthroughAddress.TryParse("/passthrough/g/v1beta/files?%6Bey=gw-secret", out address));
        Assert.Equal("https://g.example.com/v1beta/files", address.At(provider).AbsoluteUri);
    }

    [Theory]
    [InlineData("/passthrough/")]
    [InlineData("/passthrough//x")]
    [InlineData("/passthrough/p/../x")]
    [InlineData("/passthrough/p/%2e%2e/x")]
    [InlineData("/passthrough/p/a%2f%2E%2e%2fx")]
    [InlineData("/passthrough/p/a%5c..%5cx")]
    [InlineData("/passthrough/p/a\\x")]
    [InlineData("/elsewhere/p/x")]
    public void A_path_that_climbs_leads_nowhere(string target) => Assert.False(PassthroughAddress.TryParse(target, out _));

    [Theory]
    [InlineData("/v1beta/models/gemini-2.5-pro:generateContent", "gemini-2.5-pro")]
    [InlineData("/models/gemini-2.5-pro", "gemini-2.5-pro")]
    [InlineData("/model/anthropic.claude-3%3A0/invoke", "anthropic.claude-3:0")]
    [InlineData("/openai/deployments/my%20gpt/images/generations", "my gpt")]
    [InlineData("/v1/files/abc", null)]
    [InlineData("/v1/models", null)]
    public void A_path_may_name_the_model(string path, string? model) => Assert.Equal(model, new PassthroughAddress("p", path, "").Model());
}
