using System.ClientModel;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Models.Messages;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Responses;

namespace Gateway.LlmSimulator.Tests.Native;

/// <summary>The official clients take the simulator for the provider itself.</summary>
public sealed class OfficialClientTests
{
    [Fact]
    public async Task Anthropic_plain_with_every_kind_of_block_and_usage()
    {
        await using var client = await Client.StartAsync();
        var message = await AnthropicOf(client).Messages.Create(Ask("sim?thinking=4&tools=2&cached=2&cacheWrite=1"), TestContext.Current.CancellationToken);
        Assert.True(message.Content[0].TryPickThinking(out var thinking));
        Assert.NotEmpty(thinking.Signature);
        Assert.True(message.Content[1].TryPickToolUse(out var call));
        Assert.Equal("weather", call.Name);
        Assert.Equal("simulated value", call.Input["city"].GetString());
        Assert.Equal("tool_use", message.StopReason!.Raw());
        Assert.Equal((2L, 1L), (message.Usage.CacheReadInputTokens, message.Usage.CacheCreationInputTokens));
        var bill = client.Host.Bill.Lines.Single();
        Assert.Equal(bill.PromptTokens, message.Usage.InputTokens + 3);
        Assert.Equal((bill.CompletionTokens, 4), (message.Usage.OutputTokens, bill.Classes.Reasoning));
    }

    [Fact]
    public async Task Anthropic_streamed_is_the_plain_answer_in_pieces()
    {
        await using var client = await Client.StartAsync();
        var anthropic = AnthropicOf(client);
        var plain = await anthropic.Messages.Create(Ask("sim?tokens=12&thinking=3"), TestContext.Current.CancellationToken);
        var (text, thinking, kinds) = (new StringBuilder(), new StringBuilder(), new List<string>());
        await foreach (var e in anthropic.Messages.CreateStreaming(Ask("sim?tokens=12&thinking=3&recut=5"), TestContext.Current.CancellationToken))
        {
            kinds.Add(e.Json.GetProperty("type").GetString()!);
            if (e.TryPickContentBlockDelta(out var delta))
            {
                _ = delta.Delta.TryPickText(out var t) ? text.Append(t.Text) : delta.Delta.TryPickThinking(out var th) ? thinking.Append(th.Thinking) : null;
            }
        }

        Assert.True(plain.Content[0].TryPickThinking(out var wholeThinking));
        Assert.True(plain.Content[1].TryPickText(out var wholeText));
        Assert.Equal((wholeThinking.Thinking, wholeText.Text), (thinking.ToString(), text.ToString()));
        Assert.Equal(("message_start", "message_stop"), (kinds[0], kinds[^1]));
    }

    [Fact]
    public async Task OpenAI_responses_plain_and_streamed()
    {
        await using var client = await Client.StartAsync();
#pragma warning disable OPENAI001
        var responses = new ResponsesClient(new ApiKeyCredential("sk-x"), new ResponsesClientOptions { Endpoint = new Uri(client.Host.BaseUrl) });
        var options = new CreateResponseOptions("sim?tokens=9", [ResponseItem.CreateUserMessageItem("hello there")]);
        var plain = (await responses.CreateResponseAsync(options, TestContext.Current.CancellationToken)).Value;
        var streamed = new StringBuilder();
        var completed = false;
        var again = new CreateResponseOptions("sim?tokens=9&recut=3", [ResponseItem.CreateUserMessageItem("hello there")]) { StreamingEnabled = true };
        await foreach (var update in await responses.CreateResponseStreamingAsync(again, TestContext.Current.CancellationToken))
        {
            completed |= update is StreamingResponseCompletedUpdate;
            _ = update is StreamingResponseOutputTextDeltaUpdate delta ? streamed.Append(delta.Delta) : null;
        }

        Assert.True(completed);
        Assert.Equal(plain.GetOutputText(), streamed.ToString());
        Assert.Equal((3, 9), (plain.Usage.InputTokenCount, plain.Usage.OutputTokenCount));
#pragma warning restore OPENAI001
    }

    [Fact]
    public async Task OpenAI_chat_calls_tools_and_takes_their_results()
    {
        await using var client = await Client.StartAsync();
        var chat = new ChatClient("sim?tools=2", new ApiKeyCredential("sk-x"), new OpenAIClientOptions { Endpoint = new Uri(client.Host.BaseUrl) });
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", null, BinaryData.FromString(Schema)) } };
        List<ChatMessage> messages = [new UserChatMessage("weather?")];
        var first = (await chat.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken)).Value;
        Assert.Equal((ChatFinishReason.ToolCalls, 2), (first.FinishReason, first.ToolCalls.Count));
        messages.Add(new AssistantChatMessage(first));
        messages.AddRange(first.ToolCalls.Select(c => new ToolChatMessage(c.Id, "rain")));
        var second = (await chat.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken)).Value;
        Assert.Equal(ChatFinishReason.Stop, second.FinishReason);
        Assert.NotEmpty(second.Content[0].Text);
        messages.RemoveAt(messages.Count - 1);
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken));
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public async Task OpenAI_files_audio_images_and_moderations()
    {
        await using var client = await Client.StartAsync();
        var openai = new OpenAIClient(new ApiKeyCredential("sk-x"), new OpenAIClientOptions { Endpoint = new Uri(client.Host.BaseUrl) });
        var audio = openai.GetAudioClient("whisper-1");
        using var sound = new MemoryStream(new byte[64_000]);
        Assert.Equal("These are the spoken words.", (await audio.TranscribeAudioAsync(sound, "a.wav", cancellationToken: TestContext.Current.CancellationToken)).Value.Text);
        Assert.NotEmpty((await openai.GetAudioClient("tts-1").GenerateSpeechAsync("hello", OpenAI.Audio.GeneratedSpeechVoice.Alloy, cancellationToken: TestContext.Current.CancellationToken)).Value.ToArray());
        Assert.NotNull((await openai.GetImageClient("gpt-image-1").GenerateImageAsync("a cat", cancellationToken: TestContext.Current.CancellationToken)).Value.ImageBytes);
        Assert.True((await openai.GetModerationClient("omni").ClassifyTextAsync("violence", TestContext.Current.CancellationToken)).Value.Flagged);
        var files = openai.GetOpenAIFileClient();
        var file = (await files.UploadFileAsync(BinaryData.FromString("{}"), "a.jsonl", OpenAI.Files.FileUploadPurpose.Batch)).Value;
        Assert.Equal("{}", (await files.DownloadFileAsync(file.Id, TestContext.Current.CancellationToken)).Value.ToString());
    }

    private const string Schema = """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""";

    private static AnthropicClient AnthropicOf(Client client) => new() { BaseUrl = client.Host.RootUrl, ApiKey = "sk-ant", MaxRetries = 0 };

    private static MessageCreateParams Ask(string model) => new()
    {
        Model = model,
        MaxTokens = 4096,
        Thinking = new ThinkingConfigEnabled { BudgetTokens = 1024 },
        Messages = [new UserMessageParam("What is the weather like there?")],
        Tools = [new Tool { Name = "weather", InputSchema = new() { Properties = new Dictionary<string, JsonElement> { ["city"] = JsonSerializer.SerializeToElement(new { type = "string" }) }, Required = ["city"] } }],
    };
}
