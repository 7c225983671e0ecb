using Gateway.Edge.Tests.Inbound;

namespace Gateway.Edge.Tests.Operations;

/// <summary>Answers of Gemini that rest on searches of the web, which Google bills apart.</summary>
public sealed class GroundedAnswerTests
{
    private const string Grounding = "\"groundingMetadata\":{\"webSearchQueries\":[\"a\",\"\",\"b\",\"a\"]}";
    private const string Usage = "\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":4,\"totalTokenCount\":7}";
    private const string Plain = "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hi\"}]},\"finishReason\":\"STOP\"," + Grounding + "}]," + Usage + "}";

    // The searches are listed before the last report of usage.
    private const string Events =
        "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"hi\"}]}," + Grounding + "}]}\r\n\r\n"
        + "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"!\"}]},\"finishReason\":\"STOP\"}]," + Usage + "}\r\n\r\n";

    private const long Tokens = (3 * 1_000) + (4 * 2_000);

    [Theory]
    [InlineData("three", false, false, 2 * 14_000_000)]
    [InlineData("three", false, true, 2 * 14_000_000)]
    [InlineData("three", true, false, 2 * 14_000_000)]
    [InlineData("three", true, true, 2 * 14_000_000)]
    [InlineData("two", false, false, 35_000_000)]
    [InlineData("two", true, true, 35_000_000)]
    public async Task Searches_are_billed_as_the_answer_lists_them(string route, bool native, bool stream, long searches)
    {
        await using var provider = stream ? new FixedProvider("text/event-stream", Events) : new FixedProvider("application/json", Plain);
        await using var edge = await EdgeHost.StartAsync($$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              g: { kind: gemini, baseUrl: "{{provider.BaseUrl}}", apiKey: k-provider-secret-1234567890 }
            deployments:
              three: { provider: g, model: gemini-3-pro, price: { version: test, inputPerMillion: 1, outputPerMillion: 2, perWebSearch: 0.014 } }
              two: { provider: g, model: gemini-2.5-flash, price: { version: test, inputPerMillion: 1, outputPerMillion: 2, perWebSearch: 0.035 } }
            routes:
              three: { targets: [ { deployment: three } ] }
              two: { targets: [ { deployment: two } ] }
            keys:
              main: { value: {{EdgeHost.Key}} }
            """);
        using var response = native
            ? await edge.PostAsync($"/v1beta/models/{route}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}", """{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"googleSearch":{}}]}""")
            : await edge.ChatAsync(route, $"\"stream\":{(stream ? "true" : "false")}");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        var record = Assert.Single(await edge.RecordsAsync(1));
        Assert.Equal((Tokens + searches, false), (record.CostNanoUsd, record.Estimated));
    }
}
