using System.Text.Json;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Native.Anthropic;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>Everything a provider does besides chat.</summary>
internal sealed class SideCalls
{
    private readonly Store _store = new();

    public bool IsForm(Call call) => call is Call.Transcription or Call.ImageEdits or Call.Files;

    public bool Takes(Call call) => call is not (Call.Messages or Call.GenerateContent or Call.StreamGenerateContent or Call.Converse or Call.ConverseStream or Call.CohereChat or Call.Responses);

    public SideAnswer Answer(HttpRequest request, CallRoute route, string model, SimulatorBehaviour behaviour, JsonElement json, Form? form, string requestId) => route.Call switch
    {
        Call.CountTokens => AnthropicRules.Check(json, request, route) is { } broken ? new SideAnswer(ReadOnlyMemory<byte>.Empty) { Broken = broken } : SideAnswer.Json(AnthropicNative.Count(json)),
        Call.GeminiCountTokens => Vectors.GeminiCount(json),
        Call.EmbedContent => Vectors.Gemini(json, behaviour),
        Call.BatchEmbedContents => Vectors.GeminiBatch(json, behaviour),
        Call.VertexPredict => Vectors.Vertex(json, behaviour),
        Call.InvokeModel => Vectors.Invoke(json, model, behaviour),
        Call.CohereEmbed => Vectors.Cohere(json, behaviour),
        Call.Rerank => Reranking.Answer(request, json, model),
        Call.Moderations => Media.Moderate(json, model, requestId),
        Call.Images => Media.Images(json, behaviour),
        Call.ImageEdits => Media.ImageEdits(form, behaviour),
        Call.Speech => Media.Speech(json, behaviour),
        Call.Transcription => Media.Transcribe(form, behaviour, route.Rest == "translations"),
        Call.Files => _store.Files(request.Method, route.Rest ?? "", form),
        Call.Batches => _store.Batches(request.Method, route.Rest ?? "", json),
        Call.Responses => _store.Responses(request.Method, route.Rest ?? ""),
        _ => SideAnswer.Refuse($"Invalid URL ({request.Method} {request.Path})", status: StatusCodes.Status404NotFound),
    };
}
