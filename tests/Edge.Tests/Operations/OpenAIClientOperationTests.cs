using System.ClientModel;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Embeddings;
using OpenAI.Images;
using OpenAI.Moderations;

namespace Gateway.Edge.Tests.Operations;

/// <summary>The official .NET client, unchanged but for its address and key.</summary>
public sealed class OpenAIClientOperationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Embeddings_of_any_provider_are_read()
    {
        await using var host = await OperationsHost.StartAsync();
        foreach (var model in (string[])["sim", "to-cohere", "to-titan", "to-bedrock", "to-gemini"])
        {
            // The client asks for base64 and reads nothing else.
            OpenAIEmbeddingCollection answer = await Client(host).GetEmbeddingClient(model).GenerateEmbeddingsAsync(["one", "two"], cancellationToken: Cancellation);
            Assert.Equal(2, answer.Count);
            Assert.All(answer, static e => Assert.True(e.ToFloats().Length > 0));
        }
    }

    [Fact]
    public async Task Moderations_are_read()
    {
        await using var host = await OperationsHost.StartAsync();
        ModerationResult answer = await Client(host).GetModerationClient("sim").ClassifyTextAsync("violence", Cancellation);
        Assert.True(answer.Flagged);
    }

    [Fact]
    public async Task Images_are_made_and_edited()
    {
        await using var host = await OperationsHost.StartAsync();
        var images = Client(host).GetImageClient("sim");
        GeneratedImage made = await images.GenerateImageAsync("a cat", new ImageGenerationOptions { ResponseFormat = GeneratedImageFormat.Bytes }, Cancellation);
        Assert.NotEmpty(made.ImageBytes.ToArray());
        using var picture = new MemoryStream([1, 2, 3]);
        GeneratedImage edited = await images.GenerateImageEditAsync(picture, "cat.png", "a hat", cancellationToken: Cancellation);
        Assert.NotEmpty(edited.ImageBytes.ToArray());
    }

    [Fact]
    public async Task Speech_is_made_and_heard()
    {
        await using var host = await OperationsHost.StartAsync();
        var audio = Client(host).GetAudioClient("sim");
        BinaryData sound = await audio.GenerateSpeechAsync("hello", GeneratedSpeechVoice.Alloy, cancellationToken: Cancellation);
        Assert.True(sound.ToMemory().Length > 256);
        using var recording = new MemoryStream(new byte[32_000]);
        AudioTranscription heard = await audio.TranscribeAudioAsync(recording, "a.mp3", cancellationToken: Cancellation);
        Assert.Equal("These are the spoken words.", heard.Text);
        using var foreign = new MemoryStream(new byte[32_000]);
        AudioTranslation translated = await audio.TranslateAudioAsync(foreign, "a.mp3", cancellationToken: Cancellation);
        Assert.Equal("These are the translated words.", translated.Text);
    }

    private static OpenAIClient Client(OperationsHost host) => new(new ApiKeyCredential(EdgeHost.Key), new OpenAIClientOptions { Endpoint = new Uri(host.Edge.Address, "v1") });
}
