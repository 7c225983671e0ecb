using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads content blocks, of requests and answers alike. A block is an object with one member, which names its kind.</summary>
internal static class BedrockContentReader
{
    public static void Read(JsonElement blocks, List<ContentPart> parts)
    {
        foreach (var block in blocks.EnumerateArray())
        {
            if (block.ValueKind == JsonValueKind.Object)
            {
                ReadBlock(block, parts);
            }
        }
    }

    public static CacheMarker Marker(JsonElement point) => new(point.StringOf("ttl"));

    private static void ReadBlock(JsonElement block, List<ContentPart> parts)
    {
        if (block.StringOf("text") is { } text)
        {
            parts.Add(new TextPart(text));
        }
        else if (block.TryObject("cachePoint", out var point))
        {
            if (parts.Count > 0)
            {
                parts[^1].Cache = Marker(point);
            }
        }
        else if (block.TryObject("toolUse", out var call) && call.StringOf("type") is null)
        {
            parts.Add(ReadCall(call));
        }
        else if (block.TryObject("toolResult", out var result) && result.StringOf("toolUseId") is { } id)
        {
            parts.Add(ReadResult(result, id));
        }
        else if (block.TryObject("reasoningContent", out var reasoning))
        {
            ReadReasoning(reasoning, parts);
        }
        else if (block.TryObject("citationsContent", out var cited))
        {
            AddCited(ReadCited(cited), parts);
        }
        else if (block.TryObject("guardContent", out var guarded))
        {
            // What is marked for the guardrail is content like any other for the model.
            if (guarded.TryObject("text", out var guardedText))
            {
                parts.Add(new TextPart(guardedText.StringOf("text") ?? ""));
            }
            else if (guarded.TryObject("image", out var guardedImage))
            {
                parts.Add(ReadMedia(MediaKind.Image, guardedImage));
            }
        }
        else if (block.TryObject("searchResult", out var found))
        {
            parts.Add(new MediaPart(MediaKind.Document)
            {
                MediaType = "text/plain", Name = found.StringOf("title"), Context = found.StringOf("source"),
                Text = found.TryArray("content", out var content) ? BedrockCitations.Join(content) : "",
            });
        }
        else
        {
            ReadOther(block, parts);
        }
    }

    private static void ReadOther(JsonElement block, List<ContentPart> parts)
    {
        foreach (var kind in (ReadOnlySpan<MediaKind>)[MediaKind.Image, MediaKind.Document, MediaKind.Video, MediaKind.Audio])
        {
            if (block.TryObject(BedrockFormats.MemberOf(kind), out var media))
            {
                parts.Add(ReadMedia(kind, media));
                return;
            }
        }

        parts.Add(new OpaquePart(DialectId.BedrockConverse, block.EnumerateObject().Select(static m => m.Name).FirstOrDefault() ?? "", block));
    }

    private static ContentPart ReadCall(JsonElement call)
    {
        var input = call.TryMember("input", out var value) ? value.Compact() : "";
        var name = call.StringOf("name") ?? "";
        return name == AnthropicJson.StructuredTool ? new TextPart(input) : new ToolCallPart { Id = call.StringOf("toolUseId") ?? "", Name = name, Arguments = input };
    }

    private static ToolResultPart ReadResult(JsonElement result, string id)
    {
        var part = new ToolResultPart { CallId = id, IsError = result.StringOf("status") == "error" };
        if (result.TryArray("content", out var content))
        {
            foreach (var block in content.EnumerateArray())
            {
                if (block.TryMember("json", out var json))
                {
                    part.Content.Add(new TextPart(json.Compact()));
                }
                else if (block.ValueKind == JsonValueKind.Object)
                {
                    ReadBlock(block, part.Content);
                }
            }
        }

        return part;
    }

    private static void ReadReasoning(JsonElement reasoning, List<ContentPart> parts)
    {
        if (reasoning.TryObject("reasoningText", out var text))
        {
            var signature = text.StringOf("signature");
            parts.Add(new ReasoningPart
            {
                Text = text.StringOf("text") ?? "",
                Signature = string.IsNullOrEmpty(signature) ? null : Signature.Read(DialectId.BedrockConverse, signature),
            });
        }
        else if (reasoning.StringOf("redactedContent") is { } blob)
        {
            var encrypted = BedrockSignatures.ReadBlob(blob);
            switch (parts.LastOrDefault())
            {
                // Proofs of providers that sign the part itself follow it in a block of their own.
                case ToolCallPart { Signature: null } call when encrypted.Origin == DialectId.Gemini:
                    call.Signature = encrypted;
                    break;
                case TextPart { Signature: null } said when encrypted.Origin == DialectId.Gemini:
                    said.Signature = encrypted;
                    break;
                default:
                    parts.Add(new ReasoningPart { Encrypted = encrypted });
                    break;
            }
        }
    }

    /// <summary>Adds a text with its sources; sources without a text are those of the text before.</summary>
    private static void AddCited(TextPart cited, List<ContentPart> parts)
    {
        if (cited.Text.Length == 0 && parts.LastOrDefault() is TextPart before)
        {
            before.Citations.AddRange(cited.Citations);
        }
        else
        {
            parts.Add(cited);
        }
    }

    private static TextPart ReadCited(JsonElement cited)
    {
        var text = new TextPart(cited.TryArray("content", out var content) ? BedrockCitations.Join(content) : "");
        if (cited.TryArray("citations", out var citations))
        {
            text.Citations.AddRange(citations.EnumerateArray().Select(BedrockCitations.Read));
        }

        return text;
    }

    private static MediaPart ReadMedia(MediaKind kind, JsonElement media)
    {
        var part = new MediaPart(kind)
        {
            MediaType = BedrockFormats.MediaTypeOf(kind, media.StringOf("format")),
            Name = media.StringOf("name"),
            Context = media.StringOf("context"),
            CitationsEnabled = media.TryObject("citations", out var citations) ? citations.BoolOf("enabled") : null,
        };
        if (media.TryObject("source", out var source))
        {
            part.Data = source.StringOf("bytes");
            part.Text = source.StringOf("text") ?? (source.TryArray("content", out var content) ? BedrockCitations.Join(content) : null);
            part.Url = source.TryObject("s3Location", out var s3) ? s3.StringOf("uri") : null;
        }

        return part;
    }
}
