using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Contents that are not text: pictures, files and recordings in the caller's input.</summary>
internal static class MediaContent
{
    /// <summary>Reads <c>input_image</c>; null when it names no picture.</summary>
    public static MediaPart? ReadImage(JsonElement content)
    {
        var image = new MediaPart(MediaKind.Image) { FileId = content.StringOf("file_id"), Detail = content.StringOf("detail") };
        var url = content.StringOf("image_url");
        if (url is null && content.TryObject("image_url", out var nested))
        {
            url = nested.StringOf("url");
            image.Detail ??= nested.StringOf("detail");
        }

        SetAddress(image, url);
        return image is { Url: null, Data: null, FileId: null } ? null : image;
    }

    /// <summary>Reads <c>input_file</c>; null when it names no file.</summary>
    public static MediaPart? ReadFile(JsonElement content)
    {
        var file = new MediaPart(MediaKind.Document) { FileId = content.StringOf("file_id"), Name = content.StringOf("filename") };
        if (content.StringOf("file_data") is { } data)
        {
            if (TrySplit(data, out var mediaType, out var base64))
            {
                file.MediaType = mediaType;
                file.Data = base64;
            }
            else
            {
                file.MediaType = "application/pdf";
                file.Data = data;
            }
        }
        else
        {
            SetAddress(file, content.StringOf("file_url"));
        }

        if (file is { Data: { } text, MediaType: { } type } && type.StartsWith("text/plain", StringComparison.Ordinal) && TryText(text, out var plain))
        {
            file.Text = plain;
            file.Data = null;
            file.MediaType = "text/plain";
        }

        return file is { Url: null, Data: null, FileId: null, Text: null } ? null : file;
    }

    /// <summary>Reads <c>input_audio</c>; null when there is no recording in it.</summary>
    public static MediaPart? ReadAudio(JsonElement content)
    {
        var audio = content.TryObject("input_audio", out var nested) ? nested : content;
        return audio.StringOf("data") is { } data
            ? new MediaPart(MediaKind.Audio)
            {
                Data = data,
                MediaType = audio.StringOf("format") switch { "mp3" => "audio/mpeg", { } format => "audio/" + format, null => "audio/wav" },
            }
            : null;
    }

    /// <summary>Writes a medium of the caller as a value.</summary>
    /// <returns>False, with nothing written, when the dialect has no place for it.</returns>
    public static bool TryWrite(Utf8JsonWriter json, MediaPart media, DialectId origin)
    {
        var fileId = origin is DialectId.OpenAIChat or DialectId.OpenAIResponses ? media.FileId : null;
        return media.Kind switch
        {
            MediaKind.Image => TryWriteImage(json, media, fileId),
            MediaKind.Document => TryWriteFile(json, media, fileId),
            MediaKind.Audio => TryWriteAudio(json, media),
            _ => false,
        };
    }

    private static bool TryWriteImage(Utf8JsonWriter json, MediaPart media, string? fileId)
    {
        var url = media.Data is not null ? DataUrl(media.MediaType ?? "image/png", media.Data) : MediaAddresses.IsWeb(media.Url) ? media.Url : null;
        if (url is null && fileId is null)
        {
            return false;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "input_image"u8);
        if (url is not null)
        {
            json.WriteString("image_url"u8, url);
        }
        else
        {
            json.WriteString("file_id"u8, fileId);
        }

        json.WriteString("detail"u8, media.Detail ?? "auto");
        json.WriteEndObject();
        return true;
    }

    private static bool TryWriteFile(Utf8JsonWriter json, MediaPart media, string? fileId)
    {
        var data = media.Data is not null ? DataUrl(media.MediaType ?? "application/pdf", media.Data)
            : media.Text is not null ? DataUrl("text/plain", Convert.ToBase64String(Encoding.UTF8.GetBytes(media.Text))) : null;
        if (data is null && fileId is null && !MediaAddresses.IsWeb(media.Url))
        {
            return false;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "input_file"u8);
        if (data is not null)
        {
            // Data without a file name is refused.
            json.WriteString("filename"u8, MediaAddresses.FileName(media));
            json.WriteString("file_data"u8, data);
        }
        else if (fileId is not null)
        {
            json.WriteString("file_id"u8, fileId);
        }
        else
        {
            json.WriteString("file_url"u8, media.Url);
        }

        json.WriteEndObject();
        return true;
    }

    private static bool TryWriteAudio(Utf8JsonWriter json, MediaPart media)
    {
        if (media.Data is null)
        {
            return false;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "input_audio"u8);
        json.WriteStartObject("input_audio"u8);
        json.WriteString("data"u8, media.Data);
        json.WriteString("format"u8, media.MediaType switch
        {
            "audio/mpeg" or "audio/mp3" => "mp3",
            { } type when type.StartsWith("audio/", StringComparison.Ordinal) => type["audio/".Length..].Replace("x-", "", StringComparison.Ordinal),
            _ => "wav",
        });
        json.WriteEndObject();
        json.WriteEndObject();
        return true;
    }

    private static void SetAddress(MediaPart media, string? url)
    {
        if (url is not null && TrySplit(url, out var mediaType, out var data))
        {
            media.MediaType = mediaType;
            media.Data = data;
        }
        else
        {
            media.Url = url;
        }
    }

    private static string DataUrl(string mediaType, string data) => $"data:{mediaType};base64,{data}";

    private static bool TrySplit(string url, out string mediaType, out string data)
    {
        (mediaType, data) = ("", "");
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || url.IndexOf(',', StringComparison.Ordinal) is not (> 0 and var comma))
        {
            return false;
        }

        var head = url.AsSpan(5, comma - 5);
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        head = head[..^7];
        var parameter = head.IndexOf(';');
        mediaType = (parameter < 0 ? head : head[..parameter]).ToString();
        data = url[(comma + 1)..];
        return true;
    }

    private static bool TryText(string base64, out string text)
    {
        var bytes = new byte[base64.Length];
        var valid = Convert.TryFromBase64String(base64, bytes, out var length);
        text = valid ? Encoding.UTF8.GetString(bytes, 0, length) : "";
        return valid;
    }
}
