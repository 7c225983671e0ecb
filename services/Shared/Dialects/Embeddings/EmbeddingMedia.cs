using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Embeddings;

/// <summary>Pictures as addresses, which may be data themselves.</summary>
internal static class EmbeddingMedia
{
    /// <summary>Reads an address, a data address, or bare base64.</summary>
    public static MediaPart Read(string address)
    {
        if (address.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && address.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma)
        {
            return new MediaPart(MediaKind.Image) { MediaType = address[5..comma].Split(';')[0], Data = address[(comma + 1)..] };
        }

        return address.Contains("://", StringComparison.Ordinal) ? new MediaPart(MediaKind.Image) { Url = address } : new MediaPart(MediaKind.Image) { Data = address };
    }

    /// <summary>The address of a picture.</summary>
    public static string Address(MediaPart media) => media.Data is { } data ? $"data:{media.MediaType ?? "image/png"};base64,{data}" : media.Url ?? "";
}
