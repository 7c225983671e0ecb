using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>One part as it stands on the wire: at most one kind of data, and what qualifies it.</summary>
internal readonly struct GeminiPart
{
    private GeminiPart(JsonElement raw)
    {
        Raw = raw;
        foreach (var (name, value) in raw.CamelMembers())
        {
            switch (name)
            {
                case "text":
                    Text = value.Text();
                    break;
                case "thought":
                    Thought = value.Flag() == true;
                    break;
                case "thoughtSignature":
                    SignatureText = value.Text() is { Length: > 0 } signature ? signature : null;
                    break;
                case "inlineData":
                    InlineData = value;
                    break;
                case "fileData":
                    FileData = value;
                    break;
                case "functionCall":
                    FunctionCall = value;
                    break;
                case "functionResponse":
                    FunctionResponse = value;
                    break;
                case "videoMetadata" or "mediaResolution" or "partMetadata":
                    Qualifier = name;
                    break;
                default:
                    Other = name;
                    break;
            }
        }
    }

    /// <summary>The whole part.</summary>
    public JsonElement Raw { get; }

    /// <summary>Text, possibly empty, or null.</summary>
    public string? Text { get; }

    /// <summary>True when the text is the model's reasoning.</summary>
    public bool Thought { get; }

    /// <summary>The signature, or null.</summary>
    public string? SignatureText { get; }

    /// <summary>Media within the message, or null.</summary>
    public JsonElement? InlineData { get; }

    /// <summary>Media by address, or null.</summary>
    public JsonElement? FileData { get; }

    /// <summary>A tool call, or null.</summary>
    public JsonElement? FunctionCall { get; }

    /// <summary>A tool's result, or null.</summary>
    public JsonElement? FunctionResponse { get; }

    /// <summary>A member that qualifies the data and has no neutral form, or null.</summary>
    public string? Qualifier { get; }

    /// <summary>Name of a kind that only this dialect knows (code that ran, a search), or null.</summary>
    public string? Other { get; }

    /// <summary>Reads a part.</summary>
    public static GeminiPart Read(JsonElement raw) => new(raw);

    /// <summary>The media of a part, or null when it has none.</summary>
    public MediaPart? Media()
    {
        if (InlineData is { } inline)
        {
            var type = inline.CamelMember("mimeType")?.Text();
            return new MediaPart(KindOf(type)) { MediaType = type, Data = Standard(inline.StringOf("data") ?? ""), Name = inline.CamelMember("displayName")?.Text() };
        }

        if (FileData is { } file)
        {
            var type = file.CamelMember("mimeType")?.Text();
            return new MediaPart(KindOf(type)) { MediaType = type, Url = file.CamelMember("fileUri")?.Text(), Name = file.CamelMember("displayName")?.Text() };
        }

        return null;
    }

    /// <summary>What kind of media a media type is.</summary>
    public static MediaKind KindOf(string? mediaType) => mediaType switch
    {
        null => MediaKind.Document,
        _ when mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) => MediaKind.Image,
        _ when mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) => MediaKind.Audio,
        _ when mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase) => MediaKind.Video,
        _ => MediaKind.Document,
    };

    // Clients may send the URL-safe alphabet, which other providers refuse.
    private static string Standard(string base64) => base64.AsSpan().IndexOfAny('-', '_') < 0 ? base64 : base64.Replace('-', '+').Replace('_', '/');
}
