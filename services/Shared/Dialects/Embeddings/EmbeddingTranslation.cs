using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>
/// Embeddings from any caller's format to any provider's, and back. Pure; for use where the two differ. Callers speak <see cref="EmbeddingWire.OpenAI"/>,
/// <see cref="EmbeddingWire.Gemini"/>, <see cref="EmbeddingWire.GeminiBatch"/> or <see cref="EmbeddingWire.Cohere"/>.
/// </summary>
public static class EmbeddingTranslation
{
    /// <summary>Most inputs a request may have in that format; the caller of this class slices longer ones.</summary>
    public static int MaxInputs(EmbeddingWire wire) => wire switch
    {
        EmbeddingWire.Gemini or EmbeddingWire.BedrockTitan => 1,
        EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere => 96,
        EmbeddingWire.GeminiBatch => 100,
        EmbeddingWire.VertexPredict => 250,
        EmbeddingWire.Voyage or EmbeddingWire.WatsonX => 1000,
        _ => 2048,
    };

    /// <summary>Reads a caller's request.</summary>
    /// <param name="wire">The caller's format.</param>
    /// <param name="body">The request's JSON.</param>
    /// <param name="model">The model named in the address, or null when the body names it.</param>
    /// <param name="request">The request; meaningless when a problem is returned.</param>
    /// <returns>Null, or what is wrong with the request.</returns>
    public static DialectProblem? ReadRequest(EmbeddingWire wire, ReadOnlySpan<byte> body, string? model, out EmbeddingRequest request)
    {
        request = new EmbeddingRequest { Origin = wire };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return new DialectProblem("The body is not a JSON object.", null);
        }

        request.Model = model ?? root.StringOf("model") ?? "";
        var problem = wire switch
        {
            EmbeddingWire.GeminiBatch or EmbeddingWire.Gemini => GeminiEmbeddings.ReadRequest(root, request),
            EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere => CohereEmbeddings.ReadRequest(root, request),
            _ => OpenAIEmbeddings.ReadRequest(root, request),
        };
        return problem ?? (request.Inputs.Count == 0 ? new DialectProblem("There is nothing to embed: give at least one input.", InputName(wire)) : null);
    }

    /// <summary>Writes a request for a provider.</summary>
    /// <param name="wire">The provider's format.</param>
    /// <param name="request">The request, with at most <see cref="MaxInputs"/> inputs.</param>
    /// <param name="model">Model name as the provider knows it.</param>
    /// <param name="output">Receives the JSON body.</param>
    /// <param name="drops">Receives what the format cannot express.</param>
    /// <returns>Null, or why the request cannot be expressed at all.</returns>
    public static DialectProblem? WriteRequest(EmbeddingWire wire, EmbeddingRequest request, string model, IBufferWriter<byte> output, DropList drops)
    {
        if (request.Inputs.Count > MaxInputs(wire))
        {
            return new DialectProblem($"The provider of this model embeds at most {MaxInputs(wire)} inputs at once.", InputName(request.Origin));
        }

        if (Problem(wire, request) is { } problem)
        {
            return problem;
        }

        using var writer = JsonOutput.Create(output);
        switch (wire)
        {
            case EmbeddingWire.GeminiBatch or EmbeddingWire.Gemini:
                GeminiEmbeddings.WriteRequest(writer, request, model, single: wire == EmbeddingWire.Gemini);
                break;
            case EmbeddingWire.VertexPredict:
                GeminiEmbeddings.WritePredict(writer, request);
                break;
            case EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere:
                CohereEmbeddings.WriteRequest(writer, request, wire == EmbeddingWire.Cohere ? model : null);
                break;
            case EmbeddingWire.BedrockTitan:
                HostedEmbeddings.WriteTitan(writer, request);
                break;
            case EmbeddingWire.WatsonX:
                HostedEmbeddings.WriteWatsonX(writer, request, model);
                break;
            default:
                OpenAIEmbeddings.WriteRequest(writer, wire, request, model);
                break;
        }

        Drop(wire, request, drops);
        return null;
    }

    /// <summary>Reads a provider's answer.</summary>
    /// <returns>False when the bytes are no answer of that format.</returns>
    public static bool TryReadAnswer(EmbeddingWire wire, ReadOnlySpan<byte> body, out EmbeddingAnswer answer)
    {
        answer = new EmbeddingAnswer();
        return LenientJson.TryParseObject(body, out var root) && wire switch
        {
            EmbeddingWire.GeminiBatch or EmbeddingWire.Gemini => GeminiEmbeddings.TryReadAnswer(root, answer),
            EmbeddingWire.VertexPredict => GeminiEmbeddings.TryReadPredictions(root, answer),
            EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere => CohereEmbeddings.TryReadAnswer(root, answer),
            EmbeddingWire.BedrockTitan => HostedEmbeddings.TryReadTitan(root, answer),
            EmbeddingWire.WatsonX => HostedEmbeddings.TryReadWatsonX(root, answer),
            _ => OpenAIEmbeddings.TryReadAnswer(root, answer),
        };
    }

    /// <summary>Writes an answer for a caller.</summary>
    /// <param name="wire">The caller's format.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="request">The caller's request.</param>
    /// <param name="id">Id where the provider gave none.</param>
    /// <param name="output">Receives the JSON body.</param>
    public static void WriteAnswer(EmbeddingWire wire, EmbeddingAnswer answer, EmbeddingRequest request, string id, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        switch (wire)
        {
            case EmbeddingWire.GeminiBatch or EmbeddingWire.Gemini:
                GeminiEmbeddings.WriteAnswer(writer, answer, single: wire == EmbeddingWire.Gemini);
                break;
            case EmbeddingWire.Cohere:
                CohereEmbeddings.WriteAnswer(writer, answer, request, id);
                break;
            default:
                OpenAIEmbeddings.WriteAnswer(writer, answer, request);
                break;
        }
    }

    private static string InputName(EmbeddingWire wire) => wire switch
    {
        EmbeddingWire.Gemini => "content",
        EmbeddingWire.GeminiBatch => "requests",
        EmbeddingWire.Cohere => "texts",
        _ => "input",
    };

    private static DialectProblem? Problem(EmbeddingWire wire, EmbeddingRequest request)
    {
        var name = InputName(request.Origin);
        if (wire != EmbeddingWire.OpenAI && request.Inputs.Exists(static i => i.Tokens is not null))
        {
            return new DialectProblem("The provider of this model embeds texts, not tokens: send the input as text.", name);
        }

        var takesMedia = wire is EmbeddingWire.Gemini or EmbeddingWire.GeminiBatch or EmbeddingWire.Cohere or EmbeddingWire.Jina;
        return !takesMedia && request.Inputs.Exists(static i => i.Tokens is null && i.PlainText is null)
            ? new DialectProblem("The provider of this model embeds texts only.", name) : null;
    }

    private static void Drop(EmbeddingWire wire, EmbeddingRequest request, DropList drops)
    {
        if (request.Dimensions is not null && wire == EmbeddingWire.WatsonX)
        {
            drops.Add(request.Origin is EmbeddingWire.OpenAI ? "dimensions" : "output_dimension");
        }

        if (request.EndUser is not null && wire != EmbeddingWire.OpenAI)
        {
            drops.Add("user");
        }

        if (request.Title is not null && wire is not (EmbeddingWire.Gemini or EmbeddingWire.GeminiBatch or EmbeddingWire.VertexPredict))
        {
            drops.Add("title");
        }

        foreach (var type in request.Types.Where(t => t != "float" && wire is not (EmbeddingWire.Cohere or EmbeddingWire.BedrockCohere)))
        {
            drops.Add($"embedding_types.{type}");
        }

        if (wire != request.Origin)
        {
            request.Extensions.ForEach(e => drops.Add(e.Name));
        }
    }
}
