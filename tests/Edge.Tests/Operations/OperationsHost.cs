using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Operations;

/// <summary>An edge in front of a simulator that stands for a provider of each kind, each behind a model of its own.</summary>
internal sealed class OperationsHost : IAsyncDisposable
{
    private OperationsHost(SimulatorHost simulator, EdgeHost edge) => (Simulator, Edge) = (simulator, edge);

    public SimulatorHost Simulator { get; }

    public EdgeHost Edge { get; }

    public static async Task<OperationsHost> StartAsync(string keyMore = "", string more = "")
    {
        var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var root = simulator.RootUrl;
        var yaml = $$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "{{root}}/v1", apiKey: sk-provider-secret-1234567890 }
              gemini: { kind: gemini, baseUrl: "{{root}}/v1beta", apiKey: sk-provider-secret-1234567890 }
              cohere: { kind: cohere, baseUrl: "{{root}}", apiKey: sk-provider-secret-1234567890 }
              voyage: { baseUrl: "{{root}}/v1", apiKey: sk-provider-secret-1234567890 }
              bedrock: { kind: bedrock, region: us-east-1, baseUrl: "{{root}}", apiKey: sk-provider-secret-1234567890 }
              anthropic: { kind: anthropic, baseUrl: "{{root}}/v1", apiKey: sk-provider-secret-1234567890 }
            deployments:
              sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2, perImage: 0.04, perAudioSecond: 0.0001, perCharacter: 0.00001, perSearch: 0.002 } }
              moderation: { provider: sim, model: omni-moderation-latest }
              gemini: { provider: gemini, model: gemini-embedding-001, price: { inputPerMillion: 1, outputPerMillion: 2 } }
              cohere: { provider: cohere, model: embed-v4.0, price: { inputPerMillion: 1, outputPerMillion: 2, perSearch: 0.002 } }
              voyage: { provider: voyage, model: rerank-2.5, price: { inputPerMillion: 1, outputPerMillion: 2 } }
              titan: { provider: bedrock, model: "amazon.titan-embed-text-v2:0", price: { inputPerMillion: 1, outputPerMillion: 2 } }
              bedrock: { provider: bedrock, model: "cohere.embed-english-v3", price: { inputPerMillion: 1, outputPerMillion: 2 } }
              claude: { provider: anthropic, model: claude-sonnet-4-5, price: { inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              "sim*": { targets: [ { deployment: sim } ] }
              omni-moderation-latest: { targets: [ { deployment: moderation } ] }
              to-gemini: { targets: [ { deployment: gemini } ] }
              to-cohere: { targets: [ { deployment: cohere } ] }
              to-voyage: { targets: [ { deployment: voyage } ] }
              to-titan: { targets: [ { deployment: titan } ] }
              to-bedrock: { targets: [ { deployment: bedrock } ] }
              to-claude: { targets: [ { deployment: claude } ] }
            keys:
              main: { value: {{EdgeHost.Key}} {{keyMore}} }
            {{more}}
            """;
        return new OperationsHost(simulator, await EdgeHost.StartAsync(yaml));
    }

    /// <summary>The JSON of an answer that must have been given.</summary>
    public async Task<JsonNode> JsonAsync(string path, string body)
    {
        using var response = await Edge.PostAsync(path, body);
        return await JsonAsync(response);
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Sends a form with one file.</summary>
    public Task<HttpResponseMessage> FormAsync(string path, string fileName, byte[] file, params (string Name, string Value)[] values)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var form = new MultipartFormDataContent { { content, fileName, "sample.bin" } };
        foreach (var (name, value) in values)
        {
            form.Add(new StringContent(value), name);
        }

        return Edge.Client.PostAsync(new Uri(path, UriKind.Relative), form, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Simulator.DisposeAsync();
    }
}
