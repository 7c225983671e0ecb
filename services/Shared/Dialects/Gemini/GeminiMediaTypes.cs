using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Gemini;

/// <summary>Media types for media whose type the caller did not give; the API wants one.</summary>
internal static class GeminiMediaTypes
{
    /// <summary>The likeliest media type.</summary>
    /// <param name="kind">What the media is.</param>
    /// <param name="name">File name or address, whose ending may tell; or null.</param>
    public static string Guess(MediaKind kind, string? name)
    {
        var path = name is not null && Uri.TryCreate(name, UriKind.Absolute, out var uri) ? uri.AbsolutePath : name;
        return Path.GetExtension(path)?.ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".webp" => "image/webp",
            ".gif" => "image/gif",
            ".heic" => "image/heic",
            ".pdf" => "application/pdf",
            ".txt" or ".md" => "text/plain",
            ".csv" => "text/csv",
            ".html" or ".htm" => "text/html",
            ".mp3" => "audio/mpeg",
            ".wav" => "audio/wav",
            ".ogg" => "audio/ogg",
            ".flac" => "audio/flac",
            ".mp4" => "video/mp4",
            ".webm" => "video/webm",
            ".mov" => "video/quicktime",
            _ => kind switch
            {
                MediaKind.Image => "image/jpeg",
                MediaKind.Audio => "audio/wav",
                MediaKind.Video => "video/mp4",
                _ => "application/pdf",
            },
        };
    }
}
