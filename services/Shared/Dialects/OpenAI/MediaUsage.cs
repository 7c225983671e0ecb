using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// What an answer of OpenAI's images, speech and transcriptions used, whole or as an event of a stream. Tokens of images count as input and output, as the API counts
/// them.
/// </summary>
public readonly record struct MediaUsage
{
    /// <summary>Tokens, or null when none are reported.</summary>
    public TokenCounts? Tokens { get; init; }

    /// <summary>Those of the input that stand for images.</summary>
    public long ImageInputTokens { get; init; }

    /// <summary>Length of a recording in seconds, or null when it is not reported.</summary>
    public double? Seconds { get; init; }

    /// <summary>Elements of <c>data</c>: images.</summary>
    public int Items { get; init; }

    /// <summary>The member <c>type</c>, which events have, or null.</summary>
    public string? Type { get; init; }

    /// <summary>True when there is an error in place of an answer.</summary>
    public bool IsError { get; init; }

    /// <summary>Reads an answer or an event. Images in it are passed over without being decoded.</summary>
    /// <returns>False when the bytes are no JSON object.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, out MediaUsage usage)
    {
        usage = default;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 512 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadMember(ref reader, ref usage);
            }

            reader.Read();
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            usage = default;
            return false;
        }
    }

    private static void ReadMember(ref Utf8JsonReader reader, ref MediaUsage usage)
    {
        if (reader.ValueTextEquals("usage"u8))
        {
            reader.Read();
            usage = Merge(usage, JsonElement.ParseValue(ref reader));
        }
        else if (reader.ValueTextEquals("data"u8))
        {
            reader.Read();
            usage = usage with { Items = Count(ref reader) };
        }
        else if (reader.ValueTextEquals("duration"u8))
        {
            reader.Read();
            usage = usage with { Seconds = usage.Seconds ?? JsonElement.ParseValue(ref reader).Number() };
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            reader.Read();
            usage = usage with { Type = JsonElement.ParseValue(ref reader).Text() };
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            reader.Read();
            usage = usage with { IsError = reader.TokenType == JsonTokenType.StartObject };
            reader.Skip();
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    private static int Count(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return 0;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            count++;
        }

        return count;
    }

    private static MediaUsage Merge(in MediaUsage usage, JsonElement reported)
    {
        var seconds = usage.Seconds ?? reported.NumberOf("seconds");
        var input = reported.Member("input_tokens", "prompt_tokens")?.Whole();
        var output = reported.Member("output_tokens", "completion_tokens")?.Whole();
        if (input is null && output is null)
        {
            return usage with { Seconds = seconds };
        }

        var details = reported.Member("input_tokens_details", "input_token_details") ?? default;
        var (whole, made) = (Math.Max(input ?? 0, 0), Math.Max(output ?? 0, 0));
        var audio = Math.Clamp(details.LongOf("audio_tokens") ?? 0, 0, whole);
        var cached = Math.Clamp(details.LongOf("cached_tokens") ?? 0, 0, whole - audio);
        var sound = Math.Clamp((reported.Member("output_tokens_details", "output_token_details") ?? default).LongOf("audio_tokens") ?? 0, 0, made);
        return usage with
        {
            Seconds = seconds,
            ImageInputTokens = Math.Clamp(details.LongOf("image_tokens") ?? 0, 0, whole - audio - cached),
            Tokens = new TokenCounts { Input = whole - audio - cached, CacheRead = cached, AudioInput = audio, Output = made - sound, AudioOutput = sound },
        };
    }
}
