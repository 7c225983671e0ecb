using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Rerank;

/// <summary>
/// Reranking from any caller's format to any provider's, and back. Pure; for use where the two differ. Callers speak <see cref="RerankWire.Common"/> or
/// <see cref="RerankWire.Cohere"/>.
/// </summary>
public static class RerankTranslation
{
    /// <summary>Reads a caller's request.</summary>
    /// <returns>Null, or what is wrong with the request.</returns>
    public static DialectProblem? ReadRequest(RerankWire wire, ReadOnlySpan<byte> body, out RerankRequest request)
    {
        request = new RerankRequest { Origin = wire };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return new DialectProblem("The body is not a JSON object.", null);
        }

        foreach (var member in root.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "model":
                    request.Model = value.Text() ?? "";
                    break;
                case "query":
                    request.Query = value.Text() ?? value.StringOf("text") ?? "";
                    break;
                case "documents":
                    request.Documents.AddRange(value.Items());
                    break;
                case "top_n" or "top_k":
                    request.Top = value.Int();
                    break;
                case "return_documents":
                    request.ReturnDocuments = value.Flag();
                    break;
                case "truncation" or "truncate":
                    request.Truncate = value.Flag();
                    break;
                case "max_tokens_per_doc":
                    request.MaxTokensPerDocument = value.Int();
                    break;
                default:
                    if (value.ValueKind != JsonValueKind.Null)
                    {
                        request.Extensions.Add(new RequestExtension(member.Name, value));
                    }

                    break;
            }
        }

        if (request.Query.Length == 0)
        {
            return new DialectProblem("The member query is missing: give the question as a text.", "query");
        }

        if (request.Documents.Count == 0)
        {
            return new DialectProblem("The member documents is missing: give at least one document.", "documents");
        }

        return request.Documents.FindIndex(static d => d.ValueKind is not (JsonValueKind.String or JsonValueKind.Object)) is >= 0 and var bad
            ? new DialectProblem($"documents[{bad}] must be a text or an object.", $"documents[{bad}]")
            : request.Top < 1 ? new DialectProblem("top_n must be at least 1.", "top_n") : null;
    }

    /// <summary>Writes a request for a provider.</summary>
    /// <param name="wire">The provider's format.</param>
    /// <param name="request">The request.</param>
    /// <param name="model">Model name as the provider knows it; for Bedrock its ARN.</param>
    /// <param name="output">Receives the JSON body.</param>
    /// <param name="drops">Receives what the format cannot express.</param>
    public static void WriteRequest(RerankWire wire, RerankRequest request, string model, IBufferWriter<byte> output, DropList drops)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        if (wire == RerankWire.Bedrock)
        {
            WriteBedrock(writer, request, model);
        }
        else
        {
            writer.WriteString("model", model);
            writer.WriteString("query", request.Query);
            writer.WriteStartArray("documents");
            foreach (var document in request.Documents)
            {
                if (wire == RerankWire.Common)
                {
                    document.WriteTo(writer);
                }
                else
                {
                    writer.WriteStringValue(TextOf(document));
                }
            }

            writer.WriteEndArray();
            writer.WriteOptional(wire == RerankWire.Voyage ? "top_k" : "top_n", request.Top);
            writer.WriteOptional("return_documents", wire == RerankWire.Cohere ? null : request.ReturnDocuments);
            writer.WriteOptional("truncation", wire == RerankWire.Voyage ? request.Truncate : null);
            writer.WriteOptional("max_tokens_per_doc", wire == RerankWire.Voyage ? null : request.MaxTokensPerDocument);
            foreach (var extension in wire == request.Origin ? request.Extensions : [])
            {
                writer.WriteElement(extension.Name, extension.Value);
            }
        }

        writer.WriteEndObject();
        Drop(wire, request, drops);
    }

    /// <summary>Reads a provider's answer.</summary>
    /// <returns>False when the bytes are no answer of any format.</returns>
    public static bool TryReadAnswer(ReadOnlySpan<byte> body, out RerankAnswer answer)
    {
        answer = new RerankAnswer();
        if (!LenientJson.TryParseObject(body, out var root) || root.Member("results", "data") is not { ValueKind: JsonValueKind.Array } results)
        {
            return false;
        }

        answer.Id = root.StringOf("id");
        answer.Model = root.StringOf("model");
        foreach (var result in results.EnumerateArray())
        {
            if (result.IntOf("index") is not { } index || (result.Member("relevance_score", "relevanceScore") ?? result.Member("score"))?.Number() is not { } score)
            {
                return false;
            }

            // Together gives back an empty object for a document it was not asked for.
            var document = result.Member("document");
            answer.Results.Add(new RerankResult(index, score, document is { ValueKind: JsonValueKind.Object } o && o.GetPropertyCount() == 0 ? null : document));
        }

        var usage = root.Member("usage");
        var meta = root.Member("meta");
        var tokens = usage?.LongOf("total_tokens") ?? usage?.LongOf("prompt_tokens") ?? meta?.Member("tokens")?.LongOf("input_tokens");
        answer.Usage = tokens is { } count ? new TokenCounts { Input = Math.Max(count, 0) } : null;
        answer.SearchUnits = meta?.Member("billed_units")?.LongOf("search_units");
        return true;
    }

    /// <summary>Writes an answer for a caller.</summary>
    /// <param name="wire">The caller's format.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="request">The caller's request.</param>
    /// <param name="id">Id where the provider gave none.</param>
    /// <param name="output">Receives the JSON body.</param>
    public static void WriteAnswer(RerankWire wire, RerankAnswer answer, RerankRequest request, string id, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id", answer.Id ?? id);
        if (wire == RerankWire.Common)
        {
            writer.WriteString("object", "rerank");
            writer.WriteString("model", request.Model);
        }

        writer.WriteStartArray("results");
        foreach (var result in answer.Results)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", result.Index);
            writer.WriteNumber("relevance_score", result.Score);
            if (wire == RerankWire.Common && request.ReturnDocuments == true && result.Index >= 0 && result.Index < request.Documents.Count)
            {
                WriteDocument(writer, request.Documents[result.Index]);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (wire == RerankWire.Common && answer.Usage is { } usage)
        {
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", usage.Total);
            writer.WriteNumber("total_tokens", usage.Total);
            writer.WriteEndObject();
        }

        WriteMeta(writer, answer);
        writer.WriteEndObject();
    }

    private static void WriteMeta(Utf8JsonWriter writer, RerankAnswer answer)
    {
        writer.WriteStartObject("meta");
        writer.WriteStartObject("api_version");
        writer.WriteString("version", "2");
        writer.WriteEndObject();
        if (answer.SearchUnits is { } units)
        {
            writer.WriteStartObject("billed_units");
            writer.WriteNumber("search_units", units);
            writer.WriteEndObject();
        }

        if (answer.Usage is { } usage)
        {
            writer.WriteStartObject("tokens");
            writer.WriteNumber("input_tokens", usage.Total);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteDocument(Utf8JsonWriter writer, JsonElement document)
    {
        writer.WritePropertyName("document");
        if (document.ValueKind == JsonValueKind.Object)
        {
            document.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("text", TextOf(document));
        writer.WriteEndObject();
    }

    private static void WriteBedrock(Utf8JsonWriter writer, RerankRequest request, string model)
    {
        writer.WriteStartArray("queries");
        writer.WriteStartObject();
        writer.WriteString("type", "TEXT");
        writer.WriteStartObject("textQuery");
        writer.WriteString("text", request.Query);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("sources");
        foreach (var document in request.Documents)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "INLINE");
            writer.WriteStartObject("inlineDocumentSource");
            if (document.ValueKind == JsonValueKind.Object)
            {
                writer.WriteString("type", "JSON");
                writer.WriteElement("jsonDocument", document);
            }
            else
            {
                writer.WriteString("type", "TEXT");
                writer.WriteStartObject("textDocument");
                writer.WriteString("text", TextOf(document));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("rerankingConfiguration");
        writer.WriteString("type", "BEDROCK_RERANKING_MODEL");
        writer.WriteStartObject("bedrockRerankingConfiguration");
        writer.WriteOptional("numberOfResults", request.Top);
        writer.WriteStartObject("modelConfiguration");
        writer.WriteString("modelArn", model);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string TextOf(JsonElement document) => document.Text() ?? document.StringOf("text") ?? document.Compact();

    private static void Drop(RerankWire wire, RerankRequest request, DropList drops)
    {
        if (request.Truncate is not null && wire != RerankWire.Voyage)
        {
            drops.Add("truncation");
        }

        if (request.MaxTokensPerDocument is not null && wire is RerankWire.Voyage or RerankWire.Bedrock)
        {
            drops.Add("max_tokens_per_doc");
        }

        if (wire != request.Origin)
        {
            request.Extensions.ForEach(e => drops.Add(e.Name));
        }
    }
}
