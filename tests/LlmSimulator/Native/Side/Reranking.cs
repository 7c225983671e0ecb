using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>Reranking as Cohere, Voyage and Jina do it: by the share of the query's words that a document has.</summary>
internal static class Reranking
{
    public static SideAnswer Answer(HttpRequest request, JsonElement json, string model)
    {
        var documents = json.List("documents").Select(Text).ToList();
        if (json.GetText("query") is not { } query || documents.Count == 0)
        {
            return SideAnswer.Refuse("invalid request: query and documents are required");
        }

        var words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ranked = documents.Select((d, i) => (Index: i, Score: Math.Round((words.Count(w => d.Contains(w, StringComparison.OrdinalIgnoreCase)) + 0.5) / (words.Length + 1.0), 6)))
            .OrderByDescending(r => r.Score).ThenBy(r => r.Index)
            .Take(json.GetInt("top_n") ?? json.GetInt("top_k") ?? documents.Count).ToList();
        var tokens = Vectors.Tokens(PromptText.Bytes(json, "query", "documents"));
        var withText = json.GetFlag("return_documents");
        if (request.Path.Value!.Contains("/v2/", StringComparison.Ordinal))
        {
            return SideAnswer.Json(
                new JsonObject { ["id"] = "sim", ["results"] = List(ranked, documents, false), ["meta"] = new JsonObject { ["api_version"] = new JsonObject { ["version"] = "2" }, ["billed_units"] = new JsonObject { ["search_units"] = 1 } } },
                tokens);
        }

        // Voyage names the list data and counts total tokens; Jina names it results and counts both.
        return model.StartsWith("rerank-", StringComparison.Ordinal)
            ? SideAnswer.Json(new JsonObject { ["object"] = "list", ["data"] = List(ranked, documents, withText), ["model"] = model, ["usage"] = new JsonObject { ["total_tokens"] = tokens } }, tokens)
            : SideAnswer.Json(new JsonObject { ["model"] = model, ["object"] = "list", ["usage"] = new JsonObject { ["total_tokens"] = tokens, ["prompt_tokens"] = tokens }, ["results"] = List(ranked, documents, withText) }, tokens);
    }

    private static JsonArray List(List<(int Index, double Score)> ranked, List<string> documents, bool withText) => NativeJson.Array(ranked.Select(r =>
    {
        var entry = new JsonObject { ["index"] = r.Index, ["relevance_score"] = r.Score };
        if (withText)
        {
            entry["document"] = new JsonObject { ["text"] = documents[r.Index] };
        }

        return entry;
    }));

    private static string Text(JsonElement document) => document.ValueKind == JsonValueKind.String ? document.GetString()! : document.GetText("text") ?? "";
}
