using System.Text.Json;
using Gateway.Dialects;

namespace Gateway.Edge.Realtime;

/// <summary>Reads what a provider's event says of usage.</summary>
internal static class RealtimeUsage
{
    /// <summary>The usage of a <c>response.done</c>; null for any other event, and for one without usage.</summary>
    public static TokenCounts? Read(ReadOnlyMemory<byte> message)
    {
        if (message.Span.IndexOf("response.done"u8) < 0)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("type"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("response.done"u8)
                && Member(root, "response") is { } response && Member(response, "usage") is { } usage
                ? Counts(usage)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TokenCounts Counts(JsonElement usage)
    {
        var (input, output) = (Count(usage, "input_tokens"), Count(usage, "output_tokens"));
        var into = Member(usage, "input_token_details") ?? Member(usage, "input_tokens_details");
        var outOf = Member(usage, "output_token_details") ?? Member(usage, "output_tokens_details");
        var cachedParts = into is { } details ? Member(details, "cached_tokens_details") : null;
        var cached = Math.Min(Count(into, "cached_tokens"), input);
        var cachedAudio = Math.Min(Count(cachedParts, "audio_tokens"), cached);
        var cachedImage = Math.Min(Count(cachedParts, "image_tokens"), cached - cachedAudio);
        var audioIn = Math.Clamp(Count(into, "audio_tokens") - cachedAudio, 0, input - cached);
        var imageIn = Math.Clamp(Count(into, "image_tokens") - cachedImage, 0, input - cached - audioIn);
        var audioOut = Math.Min(Count(outOf, "audio_tokens"), output);
        return new TokenCounts
        {
            Input = input - cached - audioIn - imageIn,
            CacheRead = cached - cachedAudio - cachedImage,
            AudioInput = audioIn,
            AudioCacheRead = cachedAudio,
            ImageInput = imageIn,
            ImageCacheRead = cachedImage,
            Output = output - audioOut,
            AudioOutput = audioOut,
        };
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static long Count(JsonElement? element, string name) =>
        element is { } given && given.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) && count is > 0 and < 1L << 50 ? count : 0;
}
