using System.Net;
using System.Text;
using Gateway.Tests;

namespace Gateway.SemanticCache.Tests;

public sealed class CacheServiceTests : IAsyncLifetime
{
    private const string Request =
        """{"partition":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","text":"hello"}""";

    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.SemanticCache");

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task It_says_that_it_does_not_cache_and_counts_that()
    {
        Assert.StartsWith("{\"outcome\":\"bypass\",\"reason\":\"no cache policy is switched on\"", await PostAsync("/v1/lookup", Request));
        Assert.Equal(
            """{"stored":false,"reason":"no cache policy is switched on"}""",
            await PostAsync("/v1/store", $$$"""{"partition":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","text":"hello","answer":{"body":"e30="},"ttlSeconds":60}"""));
        using var deleted = await service.Client.DeleteAsync("/v1/entries", Cancel);
        Assert.Equal("""{"deleted":0}""", await deleted.Content.ReadAsStringAsync(Cancel));

        Assert.StartsWith(
            """{"entries":0,"hits":0,"misses":0,"uncertain":0,"bypassed":1,"stored":0""", await service.Client.GetStringAsync("/v1/stats", Cancel));
        Assert.Contains("gateway_cache_lookups_total{outcome=\"bypass\"} 1\n", await service.Client.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
    }

    [Theory]
    [InlineData("/v1/lookup", "{", "invalid_json")]
    [InlineData("/v1/lookup", """{"partition":"00","text":""}""", "$.partition")]
    [InlineData("/v1/lookup", """{"partition":"p"}""", "text")]
    [InlineData("/v1/lookup", """{"partition":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","text":"","policy":{"threshold":2}}""", "$.policy.threshold")]
    [InlineData("/v1/store", """{"partition":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","text":"","answer":{"body":""},"ttlSeconds":0}""", "$.ttlSeconds")]
    [InlineData("/v1/store", """{"ttlSeconds":1}""", "partition")]
    public async Task Bad_bodies_get_a_400_that_names_the_place(string path, string body, string place)
    {
        using var response = await service.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(place, await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = service.Client.BaseAddress };
        using var stats = await stranger.GetAsync("/v1/stats", Cancel);
        using var deleted = await stranger.DeleteAsync("/v1/entries", Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, stats.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, deleted.StatusCode);
    }

    private async Task<string> PostAsync(string path, string body)
    {
        using var response = await service.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }
}
