using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>Embeddings of Gemini, Vertex AI, Bedrock and Cohere; the same vectors as OpenAI's for the same text.</summary>
internal static class Vectors
{
    public static SideAnswer GeminiCount(JsonElement json)
    {
        var request = json.Get("generateContentRequest") ?? json;
        return request.Get("contents") is null ? SideAnswer.Refuse("* CountTokensRequest.contents: contents is not specified")
            : SideAnswer.Json(new JsonObject { ["totalTokens"] = Tokens(PromptText.Bytes(request, "contents", "systemInstruction")), ["promptTokensDetails"] = new JsonArray(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = Tokens(PromptText.Bytes(request, "contents", "systemInstruction")) }) });
    }

    public static SideAnswer Gemini(JsonElement json, SimulatorBehaviour behaviour)
        => json.Get("content") is not { } content ? SideAnswer.Refuse("* EmbedContentRequest.content: content is not specified")
            : SideAnswer.Json(new JsonObject { ["embedding"] = new JsonObject { ["values"] = Values(Text(content), json.GetInt("outputDimensionality"), behaviour) } }, Tokens(PromptText.Bytes(json, "content")));

    public static SideAnswer GeminiBatch(JsonElement json, SimulatorBehaviour behaviour)
    {
        var requests = json.List("requests").ToList();
        return requests.Count == 0 ? SideAnswer.Refuse("* BatchEmbedContentsRequest.requests: at least one request is required")
            : requests.Any(r => r.GetText("model") is null || r.Get("content") is null) ? SideAnswer.Refuse("* BatchEmbedContentsRequest.requests: unexpected model name format")
            : SideAnswer.Json(
                new JsonObject { ["embeddings"] = NativeJson.Array(requests.Select(r => new JsonObject { ["values"] = Values(Text(r.Get("content")!.Value), r.GetInt("outputDimensionality"), behaviour) })) },
                Tokens(PromptText.Bytes(json, "requests")));
    }

    public static SideAnswer Vertex(JsonElement json, SimulatorBehaviour behaviour)
    {
        var instances = json.List("instances").ToList();
        if (instances.Count == 0 || instances.Any(i => i.GetText("content") is null))
        {
            return SideAnswer.Refuse("Invalid instance: each needs content");
        }

        var dimensions = json.Get("parameters")?.GetInt("outputDimensionality");
        return SideAnswer.Json(
            new JsonObject
            {
                ["predictions"] = NativeJson.Array(instances.Select(i => new JsonObject
                {
                    ["embeddings"] = new JsonObject
                    {
                        ["statistics"] = new JsonObject { ["token_count"] = Tokens(PromptText.Bytes(i, "content")), ["truncated"] = false },
                        ["values"] = Values(i.GetText("content")!, dimensions, behaviour),
                    },
                })),
            },
            instances.Sum(i => Tokens(PromptText.Bytes(i, "content"))));
    }

    /// <summary>Titan's and Cohere's bodies of InvokeModel.</summary>
    public static SideAnswer Invoke(JsonElement json, string model, SimulatorBehaviour behaviour)
    {
        if (model.Contains("titan", StringComparison.Ordinal))
        {
            return json.GetText("inputText") is not { } text ? SideAnswer.Refuse("Malformed input request: #: required key [inputText] not found, please reformat your input and try again.")
                : SideAnswer.Json(new JsonObject { ["embedding"] = Values(text, json.GetInt("dimensions"), behaviour), ["inputTextTokenCount"] = Tokens(PromptText.Bytes(json, "inputText")) }, Tokens(PromptText.Bytes(json, "inputText")));
        }

        var texts = json.List("texts").Select(t => t.GetString()!).ToList();
        return texts.Count == 0 || json.GetText("input_type") is null ? SideAnswer.Refuse("Malformed input request: #: required key [texts] or [input_type] not found, please reformat your input and try again.")
            : SideAnswer.Json(
                new JsonObject { ["id"] = "sim", ["response_type"] = "embeddings_floats", ["embeddings"] = NativeJson.Array(texts.Select(t => Values(t, null, behaviour))), ["texts"] = NativeJson.Array(texts.Select(t => (JsonNode)t)) },
                Tokens(PromptText.Bytes(json, "texts")));
    }

    public static SideAnswer Cohere(JsonElement json, SimulatorBehaviour behaviour)
    {
        var texts = json.List("texts").Select(t => t.GetString()!).ToList();
        if (texts.Count == 0)
        {
            texts = [.. json.List("inputs").Select(i => string.Concat(i.List("content").Select(c => c.GetText("text"))))];
        }

        if (texts.Count == 0)
        {
            return SideAnswer.Refuse("invalid request: valid input must be provided");
        }

        if (json.GetText("input_type") is null)
        {
            return SideAnswer.Refuse("invalid request: valid input_type must be provided with the provided model");
        }

        var tokens = Tokens(PromptText.Bytes(json, "texts", "inputs"));
        var kinds = json.List("embedding_types").Select(k => k.GetString()!).DefaultIfEmpty("float");
        var embeddings = new JsonObject();
        foreach (var kind in kinds)
        {
            embeddings[kind] = NativeJson.Array(texts.Select(t => kind switch
            {
                "float" => (JsonNode)Values(t, json.GetInt("output_dimension"), behaviour),
                "base64" => Convert.ToBase64String(MemoryMarshal.AsBytes(Embeddings.Vector(behaviour.Seed, t, json.GetInt("output_dimension") ?? behaviour.Dims).AsSpan())),
                _ => NativeJson.Array(Embeddings.Vector(behaviour.Seed, t, json.GetInt("output_dimension") ?? behaviour.Dims).Select(v => (JsonNode)(int)(v * 127))),
            }));
        }

        return SideAnswer.Json(
            new JsonObject { ["id"] = "sim", ["embeddings"] = embeddings, ["texts"] = NativeJson.Array(texts.Select(t => (JsonNode)t)), ["meta"] = new JsonObject { ["api_version"] = new JsonObject { ["version"] = "2" }, ["billed_units"] = new JsonObject { ["input_tokens"] = tokens } }, ["response_type"] = "embeddings_by_type" },
            tokens);
    }

    public static int Tokens(long bytes) => (int)((bytes + 3) / 4);

    private static string Text(JsonElement content) => string.Concat(content.List("parts").Select(p => p.GetText("text")));

    private static JsonArray Values(string text, int? dimensions, SimulatorBehaviour behaviour)
        => NativeJson.Array(Embeddings.Vector(behaviour.Seed, text, dimensions is > 0 and <= 65_536 ? dimensions.Value : behaviour.Dims).Select(v => (JsonNode)v));
}
