using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Reads content blocks, of requests and answers alike.</summary>
internal static class AnthropicContentReader
{
    /// <summary>Reads the value of a <c>content</c> member: text, or a list of blocks.</summary>
    /// <returns>Null, or what is wrong, with its path relative to the value.</returns>
    public static DialectProblem? Read(JsonElement content, List<ContentPart> parts)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            parts.Add(new TextPart(content.GetString() ?? ""));
            return null;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem("Content must be a text or a list of content blocks.", "");
        }

        var index = 0;
        foreach (var block in content.EnumerateArray())
        {
            if (block.StringOf("type") is not { } type)
            {
                return new DialectProblem("A content block must be an object with a type.", $"[{index}].type");
            }

            AddBlock(block, type, parts);
            index++;
        }

        return null;
    }

    /// <summary>Reads one block and adds it, or puts it to the part it belongs to.</summary>
    public static void AddBlock(JsonElement block, string type, List<ContentPart> parts)
    {
        if (type == "redacted_thinking" && block.StringOf("data") is { } data)
        {
            AddEncrypted(Signature.Read(DialectId.Anthropic, data), parts);
            return;
        }

        var part = ReadBlock(block, type);
        part.Cache = AnthropicJson.ReadCache(block);
        parts.Add(part);
    }

    public static Citation ReadCitation(JsonElement citation) => new()
    {
        Url = citation.StringOf("url") ?? (citation.StringOf("type") == "search_result_location" ? citation.StringOf("source") : null),
        Title = citation.StringOf("title") ?? citation.StringOf("document_title"),
        CitedText = citation.StringOf("cited_text"),
        Document = citation.IntOf("document_index"),
        Origin = DialectId.Anthropic,
        Raw = citation,
    };

    // Proofs of providers that sign the part itself have no place in this dialect, so the writer lets them follow the part as a block of their own.
    private static void AddEncrypted(Signature signature, List<ContentPart> parts)
    {
        switch (parts.LastOrDefault())
        {
            case ToolCallPart { Signature: null } call when signature.Origin == DialectId.Gemini:
                call.Signature = signature;
                break;
            case TextPart { Signature: null } text when signature.Origin == DialectId.Gemini:
                text.Signature = signature;
                break;
            default:
                parts.Add(new ReasoningPart { Encrypted = signature });
                break;
        }
    }

    private static ContentPart ReadBlock(JsonElement block, string type)
    {
        switch (type)
        {
            case "text":
                return ReadText(block);
            case "image" when block.TryObject("source", out var source):
                return ReadMedia(MediaKind.Image, block, source);
            case "document" when block.TryObject("source", out var source):
                return ReadMedia(MediaKind.Document, block, source);
            case "search_result" when block.TryArray("content", out var found):
                return new MediaPart(MediaKind.Document)
                {
                    MediaType = "text/plain", Text = JoinText(found), Name = block.StringOf("title"), Context = block.StringOf("source"),
                    CitationsEnabled = CitationsEnabled(block),
                };
            case "tool_use":
                return ReadCall(block);
            case "tool_result" when block.StringOf("tool_use_id") is { } id:
                return ReadResult(block, id);
            case "thinking":
                return ReadThinking(block);
            default:
                return new OpaquePart(DialectId.Anthropic, type, block);
        }
    }

    private static TextPart ReadText(JsonElement block)
    {
        var text = new TextPart(block.StringOf("text") ?? "");
        if (block.TryArray("citations", out var citations))
        {
            foreach (var citation in citations.EnumerateArray())
            {
                text.Citations.Add(ReadCitation(citation));
            }
        }

        return text;
    }

    private static ToolCallPart ReadCall(JsonElement block)
    {
        var call = new ToolCallPart { Id = block.StringOf("id") ?? "", Name = block.StringOf("name") ?? "" };
        if (block.TryMember("input", out var input))
        {
            call.Arguments = input.ValueKind == JsonValueKind.String ? input.GetString() ?? "" : input.Compact();
        }

        return call;
    }

    private static ToolResultPart ReadResult(JsonElement block, string id)
    {
        var result = new ToolResultPart { CallId = id, IsError = block.BoolOf("is_error") ?? false };
        if (block.TryMember("content", out var content) && Read(content, result.Content) is not null)
        {
            result.Content.Clear();
            result.Content.Add(new TextPart(content.GetRawText()));
        }

        return result;
    }

    private static ReasoningPart ReadThinking(JsonElement block)
    {
        var signature = block.StringOf("signature");
        return new ReasoningPart
        {
            Text = block.StringOf("thinking") ?? "",
            Signature = string.IsNullOrEmpty(signature) ? null : Signature.Read(DialectId.Anthropic, signature),
        };
    }

    private static MediaPart ReadMedia(MediaKind kind, JsonElement block, JsonElement source)
    {
        var media = new MediaPart(kind)
        {
            Name = block.StringOf("title"),
            Context = block.StringOf("context"),
            CitationsEnabled = CitationsEnabled(block),
            MediaType = source.StringOf("media_type"),
        };
        switch (source.StringOf("type"))
        {
            case "base64":
                media.Data = source.StringOf("data");
                break;
            case "url":
                media.Url = source.StringOf("url");
                media.MediaType ??= kind == MediaKind.Document ? "application/pdf" : null;
                break;
            case "file":
                media.FileId = source.StringOf("file_id");
                break;
            case "text":
                media.Text = source.StringOf("data");
                media.MediaType ??= "text/plain";
                break;
            case "content" when source.TryMember("content", out var content):
                media.Text = content.ValueKind == JsonValueKind.String ? content.GetString() : JoinText(content);
                media.MediaType = "text/plain";
                break;
        }

        return media;
    }

    private static bool? CitationsEnabled(JsonElement block) => block.TryObject("citations", out var citations) ? citations.BoolOf("enabled") : null;

    private static string JoinText(JsonElement blocks)
    {
        var text = new StringBuilder();
        if (blocks.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                if (block.StringOf("text") is { } piece)
                {
                    text.Append(text.Length > 0 ? "\n" : "").Append(piece);
                }
            }
        }

        return text.ToString();
    }
}
