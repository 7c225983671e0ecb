using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Bedrock;

/// <summary>Bedrock's words for media types.</summary>
internal static class BedrockFormats
{
    private static readonly (MediaKind Kind, string Format, string MediaType)[] _formats =
    [
        (MediaKind.Image, "png", "image/png"),
        (MediaKind.Image, "jpeg", "image/jpeg"),
        (MediaKind.Image, "jpeg", "image/jpg"),
        (MediaKind.Image, "gif", "image/gif"),
        (MediaKind.Image, "webp", "image/webp"),
        (MediaKind.Document, "pdf", "application/pdf"),
        (MediaKind.Document, "csv", "text/csv"),
        (MediaKind.Document, "doc", "application/msword"),
        (MediaKind.Document, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (MediaKind.Document, "xls", "application/vnd.ms-excel"),
        (MediaKind.Document, "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (MediaKind.Document, "html", "text/html"),
        (MediaKind.Document, "txt", "text/plain"),
        (MediaKind.Document, "md", "text/markdown"),
        (MediaKind.Video, "mkv", "video/x-matroska"),
        (MediaKind.Video, "mov", "video/quicktime"),
        (MediaKind.Video, "mp4", "video/mp4"),
        (MediaKind.Video, "webm", "video/webm"),
        (MediaKind.Video, "flv", "video/x-flv"),
        (MediaKind.Video, "mpeg", "video/mpeg"),
        (MediaKind.Video, "mpg", "video/mpg"),
        (MediaKind.Video, "wmv", "video/x-ms-wmv"),
        (MediaKind.Video, "three_gp", "video/3gpp"),
        (MediaKind.Audio, "mp3", "audio/mpeg"),
        (MediaKind.Audio, "mp3", "audio/mp3"),
        (MediaKind.Audio, "wav", "audio/wav"),
        (MediaKind.Audio, "wav", "audio/x-wav"),
        (MediaKind.Audio, "opus", "audio/opus"),
        (MediaKind.Audio, "aac", "audio/aac"),
        (MediaKind.Audio, "flac", "audio/flac"),
        (MediaKind.Audio, "mp4", "audio/mp4"),
        (MediaKind.Audio, "ogg", "audio/ogg"),
        (MediaKind.Audio, "webm", "audio/webm"),
    ];

    /// <summary>The media type of a format, or null.</summary>
    public static string? MediaTypeOf(MediaKind kind, string? format)
    {
        foreach (var known in _formats)
        {
            if (known.Kind == kind && known.Format == format)
            {
                return known.MediaType;
            }
        }

        return null;
    }

    /// <summary>The format of what is to be written, or null when there is none.</summary>
    public static string? FormatOf(MediaPart media)
    {
        var type = media.MediaType?.Split(';')[0].Trim().ToLowerInvariant();
        if (string.IsNullOrEmpty(type))
        {
            return media.Kind switch
            {
                MediaKind.Image => "png",
                MediaKind.Document => media.Text is null ? "pdf" : "txt",
                _ => null,
            };
        }

        foreach (var known in _formats)
        {
            if (known.Kind == media.Kind && known.MediaType == type)
            {
                return known.Format;
            }
        }

        // The model reads any text.
        return media.Kind == MediaKind.Document && (type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/xml") ? "txt" : null;
    }

    /// <summary>The member that holds a medium of this kind.</summary>
    public static string MemberOf(MediaKind kind) => kind switch
    {
        MediaKind.Image => "image",
        MediaKind.Document => "document",
        MediaKind.Video => "video",
        _ => "audio",
    };
}
