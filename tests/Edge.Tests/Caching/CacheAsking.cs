using System.Text;
using Gateway.Edge.Caching;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Memory;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Asking edges that cache, and what they say of it.</summary>
internal static class CacheAsking
{
    public const string Mate = "gw-mate-00000000000000000000000000000000000000000";
    public const string Other = "gw-other-0000000000000000000000000000000000000000";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    public static (MemoryStore Memory, int Flights) Cache(EdgeHost edge) => (edge.Services.GetRequiredService<MemoryStore>(), edge.Services.GetRequiredService<FlightTable>().Count);

    public static async Task AskAsync(EdgeHost edge, string body, string? result, params (string Name, string Value)[] headers) => await AskAsync(edge, body, result, EdgeHost.Key, headers);

    public static async Task AskAsync(EdgeHost edge, string body, string? result, string key, params (string Name, string Value)[] headers)
    {
        var before = Finished(edge);
        using var answer = await SendAsync(edge, body, key, headers);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Equal(result, Header(answer, "x-gateway-cache"));
        await Eventually.TrueAsync(() => result is null || Finished(edge) > before, "the call does not end");
    }

    /// <summary>Requests that have come to their end, what they left in the cache included.</summary>
    public static long Finished(EdgeHost edge) => Enum.GetValues<CacheResult>().Sum(edge.Services.GetRequiredService<CacheMetrics>().CountOf);

    public static Task<HttpResponseMessage> SendAsync(EdgeHost edge, string body, string key, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge.Address, "/v1/chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>Three keys of two teams of one customer.</summary>
    public static string Tenants(SimulatorHost simulator, string more, string mate = "", string other = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          other: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890, models: [] }
        deployments:
          sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
        customers: { acme: { name: Acme } }
        teams: { red: { name: Red, customer: acme }, blue: { name: Blue, customer: acme } }
        keys:
          main: { value: {{EdgeHost.Key}}, team: red }
          mate: { value: {{Mate}}, team: red {{mate}} }
          other: { value: {{Other}}, team: blue {{other}} }
        {{more}}
        """;
}
