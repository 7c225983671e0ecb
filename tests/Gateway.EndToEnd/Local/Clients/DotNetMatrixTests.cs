using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using OpenAI.Responses;

namespace Gateway.EndToEnd.Local.Clients;

/// <summary>The official .NET clients against providers of every dialect, with nothing but their address, key and model set.</summary>
[Collection(ProvidersFixture.Name)]
public sealed class DotNetMatrixTests(ProvidersFixture gateway)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Providers() => ProvidersFixture.Providers.Select(static p => new TheoryDataRow<string>(p));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Anthropic_thinks_calls_tools_and_goes_on(string provider)
    {
        var anthropic = Client();
        var asked = await anthropic.Messages.Create(Ask(provider + "-think", thinks: true), Cancellation);
        Assert.Equal("tool_use", asked.StopReason!.Raw());
        Assert.Contains(asked.Content, static b => b.TryPickThinking(out var thinking) && thinking.Thinking.Length > 0);
        var calls = asked.Content.Where(static b => b.TryPickToolUse(out _)).Select(static b => b.TryPickToolUse(out var call) ? call : null!).ToList();
        Assert.Equal(2, calls.Count);
        Assert.All(calls, static c => Assert.Equal(("weather", JsonValueKind.String), (c.Name, c.Input["city"].ValueKind)));

        List<ContentBlockParam> said = [.. asked.Content.Select(static b => b.TryPickThinking(out var t)
            ? new ThinkingBlockParam { Thinking = t.Thinking, Signature = t.Signature }
            : b.TryPickRedactedThinking(out var r) ? new RedactedThinkingBlockParam(r.Data)
            : b.TryPickToolUse(out var c) ? (ContentBlockParam)new ToolUseBlockParam { ID = c.ID, Name = c.Name, Input = c.Input } : throw new InvalidOperationException("Another kind of block."))];
        List<ContentBlockParam> results = [.. calls.Select(static c => new ToolResultBlockParam(c.ID) { Content = "Sunny" })];
        var answer = await anthropic.Messages.Create(Ask(provider + "-think", true, new AssistantMessageParam(said), new UserMessageParam(results)), Cancellation);
        Assert.Equal("end_turn", answer.StopReason!.Raw());
        Assert.Equal(ProvidersFixture.Text, string.Concat(answer.Content.Select(static b => b.TryPickText(out var t) ? t.Text : "")));
        Assert.Equal(7, answer.Usage.OutputTokens);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Anthropic_streams(string provider)
    {
        var (text, kinds) = (new StringBuilder(), new List<string>());
        await foreach (var e in Client().Messages.CreateStreaming(Ask(provider + "-text"), Cancellation))
        {
            kinds.Add(e.Json.GetProperty("type").GetString()!);
            _ = e.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var piece) ? text.Append(piece.Text) : null;
        }

        Assert.Equal(ProvidersFixture.Text, text.ToString());
        Assert.Equal(("message_start", "message_stop", 1), (kinds[0], kinds[^1], kinds.Count(static k => k == "message_start")));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Anthropic_is_told_of_errors(string provider)
    {
        Assert.Equal(400, await StatusAsync(provider + "-refuse"));
        Assert.Equal(429, await StatusAsync(provider + "-limit"));
        Assert.Equal(500, await StatusAsync(provider + "-fail"));
        Assert.Equal(404, await StatusAsync("no-such-model"));
        Assert.Equal(401, await StatusAsync(provider + "-text", "gw-0000000000000000000000000000000000000000000"));
        Assert.Equal(402, await StatusAsync(provider + "-text", ProvidersFixture.PoorKey));
        foreach (var fault in (string[])["cut", "unfinished", "error"])
        {
            var seen = 0;
            var broken = await Record.ExceptionAsync(async () =>
            {
                await foreach (var _ in Client().Messages.CreateStreaming(Ask($"{provider}-{fault}"), Cancellation))
                {
                    seen++;
                }
            });
            Assert.True(broken is not null && seen > 0, $"{provider}, {fault}: {seen} events, then {broken?.GetType().Name ?? "a clean end"}.");
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task OpenAI_responses_plain_and_streamed(string provider)
    {
#pragma warning disable OPENAI001
        var responses = new ResponsesClient(new ApiKeyCredential(ProvidersFixture.Key), new ResponsesClientOptions { Endpoint = new Uri(gateway.Url + "/openai/v1"), RetryPolicy = new ClientRetryPolicy(0) });
        CreateResponseOptions Options(string model, bool stream) => new(model, [ResponseItem.CreateUserMessageItem("What is the weather in Oslo?")])
        {
            Instructions = "You are brief.",
            StreamingEnabled = stream,
            Tools = { ResponseTool.CreateFunctionTool("weather", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}"""), strictModeEnabled: true) },
        };

        var plain = (await responses.CreateResponseAsync(Options(provider + "-text", false), Cancellation)).Value;
        Assert.Equal((ProvidersFixture.Text, ResponseStatus.Completed, 3), (plain.GetOutputText(), plain.Status, plain.Usage.OutputTokenCount));

        var asked = (await responses.CreateResponseAsync(Options(provider + "-tools", false), Cancellation)).Value;
        Assert.Equal(2, asked.OutputItems.OfType<FunctionCallResponseItem>().Count(static c => c.FunctionName == "weather"));

        var streamed = new StringBuilder();
        ResponseResult? completed = null;
        await foreach (var update in await responses.CreateResponseStreamingAsync(Options(provider + "-text", true), Cancellation))
        {
            completed = (update as StreamingResponseCompletedUpdate)?.Response ?? completed;
            _ = update is StreamingResponseOutputTextDeltaUpdate delta ? streamed.Append(delta.Delta) : null;
        }

        Assert.Equal((ProvidersFixture.Text, ProvidersFixture.Text), (streamed.ToString(), completed?.GetOutputText()));

        foreach (var (model, status) in ((string, int)[])[(provider + "-refuse", 400), (provider + "-limit", 429), (provider + "-fail", 500), ("no-such-model", 404)])
        {
            var refused = await Assert.ThrowsAsync<ClientResultException>(() => responses.CreateResponseAsync(Options(model, false), Cancellation));
            Assert.Equal(status, refused.Status);
        }

        foreach (var fault in (string[])["cut", "unfinished", "error"])
        {
            var finished = false;
            var failed = false;
            var broken = await Record.ExceptionAsync(async () =>
            {
                await foreach (var update in await responses.CreateResponseStreamingAsync(Options($"{provider}-{fault}", true), Cancellation))
                {
                    finished |= update is StreamingResponseCompletedUpdate;
                    failed |= update is StreamingResponseErrorUpdate or StreamingResponseFailedUpdate;
                }
            });
            Assert.True(!finished && (failed || broken is not null), $"{provider}, {fault}: a clean end.");
        }
#pragma warning restore OPENAI001
    }

    private async Task<int> StatusAsync(string model, string key = ProvidersFixture.Key)
    {
        var refused = await Assert.ThrowsAnyAsync<AnthropicApiException>(() => Client(key).Messages.Create(Ask(model), Cancellation));
        return (int)refused.StatusCode;
    }

    private AnthropicClient Client(string key = ProvidersFixture.Key) => new() { BaseUrl = gateway.Url + "/anthropic", ApiKey = key, MaxRetries = 0 };

    private static MessageCreateParams Ask(string model, bool thinks = false, params MessageParam[] more) => new()
    {
        Model = model,
        MaxTokens = 4096,
        System = "You are brief.",
        Thinking = thinks ? (ThinkingConfigParam)new ThinkingConfigEnabled { BudgetTokens = 2048 } : null,
        Messages = [new UserMessageParam("What is the weather in Oslo?"), .. more],
        Tools = [new Tool { Name = "weather", InputSchema = new() { Properties = new Dictionary<string, JsonElement> { ["city"] = JsonSerializer.SerializeToElement(new { type = "string" }) }, Required = ["city"] } }],
    };
}
