using System.Text.Json;

namespace Gateway.Recordings.Sources;

/// <summary>Tells what was asked for from the address, or from the shape of the answer where a corpus kept no more.</summary>
internal static class Classification
{
    public static Operation OfAddress(string method, string path)
    {
        var question = path.IndexOf('?', StringComparison.Ordinal);
        path = question < 0 ? path : path[..question];
        var creates = method == "POST";
        return path switch
        {
            _ when path.EndsWith("/chat/completions", StringComparison.Ordinal) && creates => Operation.Chat,
            _ when path.EndsWith("/completions", StringComparison.Ordinal) && creates => Operation.Completions,
            _ when path.EndsWith("/v1/responses", StringComparison.Ordinal) && creates => Operation.Responses,
            _ when path.EndsWith("/v1/messages", StringComparison.Ordinal) => Operation.Messages,
            _ when path.EndsWith("rawPredict", StringComparison.OrdinalIgnoreCase) => Operation.Messages,
            _ when path.Contains("/invoke", StringComparison.Ordinal) && path.Contains("anthropic", StringComparison.Ordinal) => Operation.Messages,
            _ when path.EndsWith("enerateContent", StringComparison.Ordinal) => Operation.GenerateContent,
            _ when path.Contains("/converse", StringComparison.Ordinal) => Operation.Converse,
            _ when path.EndsWith("/embeddings", StringComparison.Ordinal) => Operation.Embeddings,
            _ when path.Contains("/audio/", StringComparison.Ordinal) => Operation.Audio,
            _ when path.Contains("/images/", StringComparison.Ordinal) => Operation.Image,
            _ when path.EndsWith("/moderations", StringComparison.Ordinal) => Operation.Moderation,
            _ when path.Contains("/v1/files", StringComparison.Ordinal) => Operation.Files,
            _ when path.Contains("/v1/batches", StringComparison.Ordinal) => Operation.Batches,
            _ when path.Contains("/v1/models", StringComparison.Ordinal) => Operation.Models,
            _ when path.Contains("/chat/completions/", StringComparison.Ordinal) || path.EndsWith("/chat/completions", StringComparison.Ordinal) || path.Contains("/v1/responses/", StringComparison.Ordinal) => Operation.Stored,
            _ => Operation.Other,
        };
    }

    /// <summary>By shape; null when the shape is of nothing known (an error, or audio).</summary>
    public static Operation? OfShape(JsonElement answer) => answer.ValueKind != JsonValueKind.Object ? null : answer switch
    {
        _ when Text(answer, "object") == "response" || Text(answer, "type")?.StartsWith("response.", StringComparison.Ordinal) == true => Operation.Responses,
        _ when Text(answer, "object") == "text_completion" => Operation.Completions,
        _ when answer.TryGetProperty("choices", out _) => Operation.Chat,
        _ when Text(answer, "type") is "message" or "message_start" => Operation.Messages,
        _ when answer.TryGetProperty("candidates", out _) => Operation.GenerateContent,
        _ when answer.TryGetProperty("messageStart", out _) || answer.TryGetProperty("contentBlockStart", out _) || answer.TryGetProperty("contentBlockDelta", out _) || (answer.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Object && output.TryGetProperty("message", out _)) => Operation.Converse,
        _ when Text(answer, "type") == "message-start" || (answer.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object && answer.TryGetProperty("finish_reason", out _)) => Operation.CohereChat,
        _ when answer.TryGetProperty("embedding", out _) || answer.TryGetProperty("embeddings", out _) || answer.TryGetProperty("predictions", out _) || FirstHas(answer, "data", "embedding") => Operation.Embeddings,
        _ when FirstHas(answer, "results", "relevance_score") || FirstHas(answer, "results", "relevanceScore") || FirstHas(answer, "data", "relevance_score") => Operation.Rerank,
        _ when FirstHas(answer, "results", "categories") => Operation.Moderation,
        _ when FirstHas(answer, "data", "b64_json") || FirstHas(answer, "data", "url") => Operation.Image,
        _ => null,
    };

    /// <summary>The status of an error body that was kept without one.</summary>
    public static int StatusOf(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
        {
            return 200;
        }

        return error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number ? code.GetInt32()
            : Text(error, "code") == "insufficient_quota" ? 429
            : 400;
    }

    private static bool FirstHas(JsonElement answer, string list, string property)
        => answer.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0
            && items[0].ValueKind == JsonValueKind.Object && items[0].TryGetProperty(property, out _);

    private static string? Text(JsonElement answer, string property)
        => answer.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
