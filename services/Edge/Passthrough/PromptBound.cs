namespace Gateway.Edge.Passthrough;

/// <summary>The upper bound of a prompt in an unknown dialect.</summary>
internal static class PromptBound
{
    // What a provider holds or fetches can fill the window of the common models.
    private const long TokensPerReference = 200_000;

    private const long TokensPerMedium = 3_000;

    /// <summary>One token a byte, and more for what the body only refers to.</summary>
    public static long Of(ReadOnlySpan<byte> body) =>
        body.Length
        + (TokensPerMedium * (body.Count("\"image_url\""u8) + body.Count("\"inlineData\""u8) + body.Count("\"inline_data\""u8) + body.Count("\"image\""u8)))
        + (TokensPerReference * (
            body.Count("\"file_id\""u8) + body.Count("\"file_url\""u8) + body.Count("\"fileData\""u8) + body.Count("\"file_data\""u8) + body.Count("\"s3Location\""u8)
            + body.Count("\"cachedContent\""u8) + body.Count("\"cached_content\""u8) + body.Count("\"previous_response_id\""u8) + body.Count("\"conversation\""u8)));
}
