using System.ClientModel;
using System.Text;
using Anthropic;
using Anthropic.Models.Messages;
using Gateway.Dialects.Chat;
using Gateway.LlmSimulator;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;
using Caller = Gateway.Edge.Tests.Inbound.Caller;

namespace Gateway.Edge.Tests.Tools;

/// <summary>Official clients that know nothing of agent mode: the key's setting gives their requests tools.</summary>
public sealed class SdkAgentTests
{
    [Fact]
    public async Task OpenAI_chat_plain_and_streamed()
    {
        await using var setup = await Setup.StartAsync();
        var chat = new ChatClient("anthropic?tools=2&tokens=6", new ApiKeyCredential(EdgeHost.Key), new OpenAIClientOptions { Endpoint = new Uri(setup.Edge.Address, "v1") });
        var plain = (await chat.CompleteChatAsync([new UserChatMessage("hello")], cancellationToken: TestContext.Current.CancellationToken)).Value;
        Assert.Equal((OpenAI.Chat.ChatFinishReason.Stop, 0), (plain.FinishReason, plain.ToolCalls.Count));
        var (text, finish, usage) = (new StringBuilder(), default(OpenAI.Chat.ChatFinishReason?), default(ChatTokenUsage));
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("hello")], cancellationToken: TestContext.Current.CancellationToken))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(static c => c.Text)));
            Assert.Empty(update.ToolCallUpdates);
            (finish, usage) = (update.FinishReason ?? finish, update.Usage ?? usage);
        }

        Assert.Equal(plain.Content[0].Text, text.ToString());
        Assert.Equal(OpenAI.Chat.ChatFinishReason.Stop, finish);
        Assert.Equal(plain.Usage.OutputTokenCount, usage!.OutputTokenCount);
        Assert.Equal(4, setup.Hub.Calls.Count);
    }

    [Fact]
    public async Task OpenAI_responses_plain_and_streamed()
    {
        await using var setup = await Setup.StartAsync();
#pragma warning disable OPENAI001
        var responses = new ResponsesClient(new ApiKeyCredential(EdgeHost.Key), new ResponsesClientOptions { Endpoint = new Uri(setup.Edge.Address, "v1") });
        var plain = (await responses.CreateResponseAsync(new CreateResponseOptions("openai?tools=1&tokens=6", [ResponseItem.CreateUserMessageItem("hello")]), TestContext.Current.CancellationToken)).Value;
        var (text, completed) = (new StringBuilder(), 0);
        var options = new CreateResponseOptions("openai?tools=1&tokens=6", [ResponseItem.CreateUserMessageItem("hello")]) { StreamingEnabled = true };
        await foreach (var update in await responses.CreateResponseStreamingAsync(options, TestContext.Current.CancellationToken))
        {
            completed += update is StreamingResponseCompletedUpdate ? 1 : 0;
            _ = update is StreamingResponseOutputTextDeltaUpdate delta ? text.Append(delta.Delta) : null;
        }

        Assert.Equal(1, completed);
        Assert.NotEqual("", text.ToString());
        Assert.Equal(plain.GetOutputText(), text.ToString());
        Assert.Equal(2, setup.Hub.Calls.Count);
#pragma warning restore OPENAI001
    }

    [Fact]
    public async Task Anthropic_plain_and_streamed_with_thinking_that_comes_back_signed()
    {
        await using var setup = await Setup.StartAsync();
        using var anthropic = new AnthropicClient { BaseUrl = setup.Edge.Address.ToString().TrimEnd('/'), ApiKey = EdgeHost.Key, MaxRetries = 0 };
        // The simulator refuses thinking whose signature is not its own: it went back unchanged.
        var plain = await anthropic.Messages.Create(Ask(), TestContext.Current.CancellationToken);
        Assert.Equal("end_turn", plain.StopReason!.Raw());
        Assert.DoesNotContain(plain.Content, static c => c.TryPickToolUse(out _));
        var expected = string.Concat(plain.Content.Select(static c => c.TryPickText(out var t) ? t.Text : ""));
        Assert.NotEqual("", expected);
        var (text, kinds) = (new StringBuilder(), new List<string>());
        await foreach (var e in anthropic.Messages.CreateStreaming(Ask(), TestContext.Current.CancellationToken))
        {
            kinds.Add(e.Json.GetProperty("type").GetString()!);
            _ = e.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var t) ? text.Append(t.Text) : null;
        }

        Assert.Equal(expected, text.ToString());
        Assert.Equal(("message_start", "message_stop"), (kinds[0], kinds[^1]));
        Assert.Single(kinds, static k => k == "message_start");
        Assert.Equal(4, setup.Hub.Calls.Count);
    }

    [Theory]
    [InlineData(DialectId.OpenAIChat)]
    [InlineData(DialectId.Anthropic)]
    [InlineData(DialectId.OpenAIResponses)]
    [InlineData(DialectId.Gemini)]
    public async Task A_stream_that_breaks_off_in_any_turn_never_looks_whole(DialectId dialect)
    {
        await using var setup = await Setup.StartAsync();
        var caller = new Caller(dialect);
        for (var cut = 1; cut < 2_400; cut += 173)
        {
            using var response = await caller.AskAsync(setup.Edge, $"openai?tools=1&tokens=12&cut={cut}", stream: true);
            if ((int)response.StatusCode >= 500)
            {
                continue;
            }

            var (events, isWhole, isBroken) = await caller.EventsAsync(response);
            var isTold = events.Exists(static e => e.Kind == ChatEventKind.Error);
            var isEnded = events.Exists(static e => e.Kind == ChatEventKind.End);
            Assert.True((isWhole && isEnded && !isTold && !isBroken) ^ (isTold || isBroken), $"cut={cut}: {string.Join(' ', events.Select(static e => e.Kind))}");
            Assert.True(isEnded || isTold || isBroken, $"cut={cut}");
        }
    }

    private static MessageCreateParams Ask() => new()
    {
        Model = "anthropic?tools=2&tokens=6&thinking=3&recut=7",
        MaxTokens = 4096,
        Thinking = new ThinkingConfigEnabled { BudgetTokens = 1024 },
        Messages = [new UserMessageParam("hello")],
    };

    private sealed record Setup(SimulatorHost Simulator, FakeHub Hub, EdgeHost Edge) : IAsyncDisposable
    {
        public static async Task<Setup> StartAsync()
        {
            var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            var hub = await FakeHub.StartAsync();
            return new Setup(simulator, hub, await AgentHarness.StartAsync(simulator, hub, keyMore: """, mcpChat: { tools: ["*"], run: true, maxTurns: 5 }"""));
        }

        public async ValueTask DisposeAsync()
        {
            await Edge.DisposeAsync();
            await Hub.DisposeAsync();
            await Simulator.DisposeAsync();
        }
    }
}
