namespace Gateway.LlmSimulator.Native;

/// <summary>What is asked for, whatever the address is made like.</summary>
internal enum Call
{
    OpenAIChat,
    OpenAICompletions,
    OpenAIEmbeddings,
    Responses,
    Moderations,
    Images,
    ImageEdits,
    Speech,
    Transcription,
    Files,
    Batches,
    Realtime,
    Messages,
    CountTokens,
    AnthropicModels,
    GenerateContent,
    StreamGenerateContent,
    GeminiCountTokens,
    EmbedContent,
    BatchEmbedContents,
    VertexPredict,
    Converse,
    ConverseStream,
    InvokeModel,
    CohereChat,
    CohereEmbed,
    Rerank,
}

/// <summary>A matched address.</summary>
/// <param name="Call">What is asked for.</param>
/// <param name="Model">The model where the path names it, percent-decoded; else null.</param>
/// <param name="Rest">What follows in the path, for stored things: an id, or an id and an action.</param>
internal sealed record CallRoute(Call Call, string? Model = null, string? Rest = null)
{
    /// <summary>Finds what an undecoded path asks for; null when nothing here answers it.</summary>
    public static CallRoute? Match(string method, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return null;
        }

        var last = Uri.UnescapeDataString(parts[^1]);
        var azure = After(parts, "deployments");
        return last switch
        {
            _ when parts[0] == "model" && parts.Length >= 3 => OfBedrock(parts[^1], Uri.UnescapeDataString(string.Join('/', parts[1..^1]))),
            _ when last.Contains(':', StringComparison.Ordinal) && parts.Contains("models") => OfGoogle(last),
            _ when path.EndsWith("/chat/completions", StringComparison.Ordinal) => new(Call.OpenAIChat, azure),
            "completions" => new(Call.OpenAICompletions, azure),
            "embeddings" => new(Call.OpenAIEmbeddings, azure),
            "moderations" => new(Call.Moderations, azure),
            "speech" when path.Contains("/audio/", StringComparison.Ordinal) => new(Call.Speech, azure),
            "transcriptions" or "translations" when path.Contains("/audio/", StringComparison.Ordinal) => new(Call.Transcription, azure, last),
            "generations" when path.Contains("/images/", StringComparison.Ordinal) => new(Call.Images, azure),
            "edits" or "variations" when path.Contains("/images/", StringComparison.Ordinal) => new(Call.ImageEdits, azure),
            "realtime" => new(Call.Realtime),
            "count_tokens" when path.EndsWith("/messages/count_tokens", StringComparison.Ordinal) => new(Call.CountTokens),
            "messages" when method == "POST" => new(Call.Messages),
            "chat" when parts is [.., "v2", _] => new(Call.CohereChat),
            "embed" when parts is [.., "v2", _] => new(Call.CohereEmbed),
            "rerank" => new(Call.Rerank),
            _ when Below(parts, "responses") is { } rest => new(Call.Responses, null, rest),
            _ when Below(parts, "files") is { } rest => new(Call.Files, null, rest),
            _ when Below(parts, "batches") is { } rest => new(Call.Batches, null, rest),
            _ => null,
        };
    }

    /// <summary>Such as <c>gemini-2.5-flash:generateContent</c>.</summary>
    private static CallRoute? OfGoogle(string last)
    {
        var colon = last.LastIndexOf(':');
        var model = last[..colon];
        return last[(colon + 1)..] switch
        {
            "generateContent" => new(Call.GenerateContent, model),
            "streamGenerateContent" => new(Call.StreamGenerateContent, model),
            "countTokens" => new(Call.GeminiCountTokens, model),
            "embedContent" => new(Call.EmbedContent, model),
            "batchEmbedContents" => new(Call.BatchEmbedContents, model),
            "predict" => new(Call.VertexPredict, model),
            "rawPredict" or "streamRawPredict" => new(Call.Messages, model),
            _ => null,
        };
    }

    private static CallRoute? OfBedrock(string action, string model) => action switch
    {
        "converse" => new(Call.Converse, model),
        "converse-stream" => new(Call.ConverseStream, model),
        "invoke" => new(Call.InvokeModel, model),
        _ => null,
    };

    private static string? After(string[] parts, string name)
    {
        var at = Array.IndexOf(parts, name);
        return at >= 0 && at + 1 < parts.Length ? Uri.UnescapeDataString(parts[at + 1]) : null;
    }

    private static string? Below(string[] parts, string name)
    {
        var at = Array.IndexOf(parts, name);
        return at < 0 ? null : string.Join('/', parts[(at + 1)..]);
    }
}
