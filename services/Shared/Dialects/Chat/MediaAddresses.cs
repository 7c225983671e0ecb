namespace Gateway.Dialects.Chat;

/// <summary>Where media are, and what files of them are called.</summary>
internal static class MediaAddresses
{
    /// <summary>True for an address that any provider can fetch from, unlike those of one cloud's storage.</summary>
    public static bool IsWeb(string? url) =>
        url is not null && (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase));

    /// <summary>A name with an extension, by which providers tell the kind of a file: titles often have none.</summary>
    public static string FileName(MediaPart media)
    {
        var name = string.IsNullOrEmpty(media.Name) ? "document" : media.Name;
        return name.LastIndexOf('.') is > 0 and var dot && name.Length - dot is >= 3 and <= 6 && !name.AsSpan(dot).Contains(' ') ? name
            : name + Extension(media.Text is not null ? "text/plain" : media.MediaType);
    }

    private static string Extension(string? mediaType) => mediaType switch
    {
        null or "application/pdf" => ".pdf",
        "text/plain" => ".txt",
        "text/csv" => ".csv",
        "text/html" => ".html",
        "text/markdown" => ".md",
        "application/json" => ".json",
        "application/msword" => ".doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ".docx",
        "application/vnd.ms-excel" => ".xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ".xlsx",
        _ => "",
    };
}
