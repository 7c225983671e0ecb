using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Tools;

/// <summary>Asks an edge in agent mode, in any dialect, with three providers behind it that are one simulator.</summary>
internal static class AgentHarness
{
    /// <summary>What came of an answer, whose connection may break off.</summary>
    public static async Task<string> RawAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        try
        {
            while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is var count && count > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            text.Append("(broken off)");
        }

        return text.ToString();
    }

    public static async Task<IReadOnlyList<UsageRecord>> AllRecordsAsync(EdgeHost edge, FakeHub hub)
    {
        // One record a turn, the refused one included, and one a call.
        return await edge.RecordsAsync((2 * hub.Calls.Count) + 1);
    }

    /// <summary>Sends a turn again with the calls that were handed back, as a caller does who had nothing to do himself; the answer.</summary>
    public static async Task<ChatAnswer> SendAgainAsync(Caller caller, EdgeHost edge, string model, bool stream, ChatAnswer handedBack)
    {
        var (_, request) = Neutral(caller, model, stream);
        var said = new ChatMessage(ChatRole.Assistant);
        said.Parts.AddRange(handedBack.Choices[0].Parts);
        using var response = await SendAsync(edge, caller.Path(model, stream), Written(caller, request.With(said), model), "*");
        return stream ? await caller.StreamedAsync(response) : await caller.AnswerAsync(response);
    }

    public static (byte[] Body, ChatRequest Request) Neutral(Caller caller, string model, bool stream)
    {
        var body = Encoding.UTF8.GetBytes(caller.Body(model, "hello there", stream));
        Assert.Null(caller.Dialect.ReadRequest(body, new RequestLocation(model, stream), out var request));
        return (body, request);
    }

    public static string Written(Caller caller, ChatRequest request, string model)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.Null(caller.Dialect.WriteRequest(request, new RequestTarget { Model = model }, output, new DropList()));
        // Writers define what the conversation calls, and then it would be the caller's own.
        var body = JsonNode.Parse(output.WrittenSpan)!.AsObject();
        body.Remove("tools");
        body.Remove("tool_choice");
        return body.ToJsonString();
    }

    public static string LastRequest(SimulatorHost simulator) => simulator.Received[^1].BodyText;

    public static Task<HttpResponseMessage> AskAsync(Caller caller, EdgeHost edge, string model, bool stream, string tools, string? agent = "on") =>
        SendAsync(edge, caller.Path(model, stream), caller.Body(model, "hello there", stream), tools, agent);

    public static Task<HttpResponseMessage> SendAsync(EdgeHost edge, string path, string body, string tools, string? agent = "on") =>
        edge.Client.SendAsync(Request(path, body, tools, agent), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    public static HttpRequestMessage Request(string path, string body, string tools, string? agent)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-gateway-mcp", tools);
        if (agent is not null)
        {
            request.Headers.Add("x-gateway-agent", agent);
        }

        return request;
    }

    public static Task<EdgeHost> StartAsync(SimulatorHost simulator, FakeHub hub, string keyMore = "", string more = "") => EdgeHost.StartAsync($$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          openai: { kind: openai, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          anthropic: { kind: anthropic, baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
          gemini: { kind: gemini, baseUrl: "{{simulator.RootUrl}}/v1beta", apiKey: sk-provider-secret-1234567890 }
        deployments:
          openai: { provider: openai, model: "openai*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          anthropic: { provider: anthropic, model: "anthropic*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
          gemini: { provider: gemini, model: "gemini*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "openai*": { targets: [openai] }
          "anthropic*": { targets: [anthropic] }
          "gemini*": { targets: [gemini] }
        keys:
          main: { value: {{EdgeHost.Key}} {{keyMore}} }
        {{more}}
        """, settings: hub.Settings);
}
