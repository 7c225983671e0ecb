using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes content parts of a request.</summary>
internal sealed class OpenAIContentWriter(Utf8JsonWriter json, DialectId origin, ProviderQuirks quirks, DropList drops)
{
    /// <summary>The parts that have a place; the others are listed as dropped.</summary>
    public List<ContentPart> Keep(List<ContentPart> parts, bool textOnly)
    {
        var kept = new List<ContentPart>(parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i] is MediaPart { Text: { } document, Data: null } media ? AsText(media, document) : parts[i];
            if (part is TextPart || (!textOnly && HasPlace(part)))
            {
                kept.Add(part);
            }
            else if (part is not ReasoningPart)
            {
                drops.Add(part switch
                {
                    MediaPart medium => CallerNames.Content(origin, medium.Kind),
                    OpaquePart opaque => CallerNames.Content(origin, opaque.Type),
                    _ => CallerNames.Content(origin, "content"),
                });
            }
        }

        return kept;
    }

    public void Write(ContentPart part)
    {
        if (part is OpaquePart opaque)
        {
            opaque.Raw.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, text.Text);
                break;
            case MediaPart { Kind: MediaKind.Image } image:
                WriteUrl("image_url", OpenAIParts.Url(image, "image/png"), image.Detail);
                break;
            case MediaPart { Kind: MediaKind.Video } video:
                WriteUrl("video_url", OpenAIParts.Url(video, "video/mp4"), null);
                break;
            case MediaPart { Kind: MediaKind.Audio } audio:
                json.WriteString("type"u8, "input_audio"u8);
                json.WriteStartObject("input_audio"u8);
                json.WriteString("data"u8, audio.Data);
                json.WriteString("format"u8, AudioFormat(audio.MediaType));
                json.WriteEndObject();
                break;
            case MediaPart document when quirks.DocumentUrls:
                json.WriteString("type"u8, "document_url"u8);
                json.WriteString("document_url"u8, OpenAIParts.Url(document, "application/pdf"));
                break;
            case MediaPart document:
                WriteFile(document);
                break;
        }

        if (quirks.CacheControl)
        {
            OpenAIToolWriter.WriteCache(json, part.Cache);
        }

        json.WriteEndObject();
    }

    private static TextPart AsText(MediaPart media, string document) =>
        new(string.Join("\n\n", new[] { media.Name, media.Context, document }.Where(static s => s is { Length: > 0 }))) { Cache = media.Cache };

    private bool HasPlace(ContentPart part) => part switch
    {
        MediaPart { Kind: MediaKind.Image } image => image.Data is not null || MediaAddresses.IsWeb(image.Url),
        MediaPart { Kind: MediaKind.Video } video => quirks.Video && (video.Data is not null || MediaAddresses.IsWeb(video.Url)),
        MediaPart { Kind: MediaKind.Audio } audio => audio.Data is not null,
        // An id is of the provider that holds the file: it means something only to callers of this dialect.
        MediaPart { FileId: not null } => origin == DialectId.OpenAIChat,
        MediaPart { Url: not null, Data: null } document => MediaAddresses.IsWeb(document.Url) && (quirks.FileUrls || quirks.DocumentUrls),
        MediaPart document => document.Data is not null && (quirks.Files || quirks.DocumentUrls),
        OpaquePart opaque => opaque.Origin == DialectId.OpenAIChat,
        _ => false,
    };

    private void WriteUrl(string type, string? url, string? detail)
    {
        json.WriteString("type"u8, type);
        json.WriteStartObject(type);
        json.WriteString("url"u8, url);
        if (detail is not null)
        {
            json.WriteString("detail"u8, detail);
        }

        json.WriteEndObject();
    }

    private void WriteFile(MediaPart document)
    {
        json.WriteString("type"u8, "file"u8);
        json.WriteStartObject("file"u8);
        if (document.FileId is not null)
        {
            json.WriteString("file_id"u8, document.FileId);
        }
        else
        {
            json.WriteString("filename"u8, MediaAddresses.FileName(document));
            json.WriteString("file_data"u8, OpenAIParts.Url(document, "application/pdf"));
        }

        json.WriteEndObject();
    }

    private static string AudioFormat(string? mediaType) => mediaType switch
    {
        null or "audio/wav" or "audio/x-wav" or "audio/wave" => "wav",
        "audio/mpeg" or "audio/mp3" => "mp3",
        _ => mediaType[(mediaType.IndexOf('/') + 1)..],
    };
}
