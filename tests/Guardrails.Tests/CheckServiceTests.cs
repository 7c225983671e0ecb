using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests;

namespace Gateway.Guardrails.Tests;

public sealed class CheckServiceTests : IAsyncLifetime
{
    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.Guardrails");

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Fact]
    public async Task Texts_are_checked_counted_and_the_service_stops_cleanly()
    {
        var blocked = await CheckAsync("""{"direction":"input","texts":["fine","my SECRET"],"policy":{"blockedTerms":["secret"]}}""");
        var verdict = JsonDocument.Parse(await blocked.Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal("block", verdict.GetProperty("verdict").GetString());
        var found = Assert.Single(verdict.GetProperty("findings").EnumerateArray());
        Assert.Equal(("blocked_terms", 1, 3, 6), (found.GetProperty("detector").GetString(), found.GetProperty("index").GetInt32(), found.GetProperty("start").GetInt32(), found.GetProperty("length").GetInt32()));

        var allowed = await CheckAsync("""{"direction":"output","texts":["fine"],"policy":{}}""");
        Assert.StartsWith("""{"verdict":"allow","findings":[]""", await allowed.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        var metrics = await service.Client.GetStringAsync("/metrics", Cancel);
        Assert.Contains("gateway_guardrails_checks_total{direction=\"input\",verdict=\"block\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Equal(0, await service.StopAsync());
        Assert.DoesNotContain("SECRET", service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_bodies_get_a_4xx_that_names_the_place()
    {
        (string Body, string Code, string Place)[] cases =
        [
            ("{broken", "invalid_json", "LineNumber"),
            ("null", "invalid_json", "object"),
            ("[]", "invalid_json", "$"),
            ("""{"direction":"input","texts":["a"]}""", "invalid_check", "policy"),
            ("""{"direction":"input","items":[{"text":"a","source":"nobody"}],"policy":{}}""", "invalid_check", "$.items[0].source"),
            ("""{"direction":"input","items":[{"text":"a","role":"user"}],"policy":{}}""", "invalid_json", "role"),
            ("""{"direction":"sideways","texts":["a"],"policy":{}}""", "invalid_json", "$.direction"),
            ("""{"direction":9,"texts":["a"],"policy":{}}""", "invalid_check", "$.direction"),
            ("""{"direction":"input","texts":"a","policy":{}}""", "invalid_json", "$.texts"),
            ("""{"direction":"input","texts":null,"policy":{}}""", "invalid_check", "$.texts"),
            ("""{"direction":"input","texts":[],"policy":{}}""", "invalid_check", "$.texts"),
            ("""{"direction":"input","texts":["a",null],"policy":{}}""", "invalid_check", "$.texts[1]"),
            ("""{"direction":"input","texts":["a"],"policy":{"blockedTerms":[""]}}""", "invalid_check", "$.policy.blockedTerms[0]"),
            ("""{"direction":"input","texts":["a"],"policy":{"blokedTerms":[]}}""", "invalid_json", "blokedTerms"),
        ];
        foreach (var (body, code, place) in cases)
        {
            var response = await CheckAsync(body);
            var text = await response.Content.ReadAsStringAsync(Cancel);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{body}: {response.StatusCode} {text}");
            var problem = JsonDocument.Parse(text).RootElement;
            Assert.Equal(code, problem.GetProperty("code").GetString());
            Assert.Contains(place, problem.GetProperty("title").GetString() + problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        using var form = await service.Client.PostAsync("/v1/check", new StringContent("a=b"), Cancel);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        using var get = await service.Client.GetAsync("/v1/check", Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await stranger.PostAsync(new Uri(service.Client.BaseAddress!, "/v1/check"), new StringContent("{}"), Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private Task<HttpResponseMessage> CheckAsync(string body)
        => service.Client.PostAsync("/v1/check", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
}
