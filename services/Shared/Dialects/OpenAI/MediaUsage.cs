using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// What an answer of OpenAI's images, speech and transcriptions used, whole or as an event of a stream. What image models
/// make is images unless the API tells it apart.
/// </summary>
public readonly record struct MediaUsage
{
    /// <summary>Tokens, or null when none are reported.</summary>
    public TokenCounts? Tokens { get; init; }

    /// <summary>Length of a recording in seconds, or null when it is not reported.</summary>
    public double? Seconds { get; init; }

    /// <summary>Elements of <c>data</c>: images.</summary>
    public int Items { get; init; }

    /// <summary>The member <c>type</c>, which events have, or null.</summary>
    public string? Type { get; init; }

    /// <summary>True when the output's images are told apart from its text.</summary>
    public bool OutputToldApart { get; init; }

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
            if (usage is { Tokens: { Output: > 0 } tokens, OutputToldApart: false } && (usage.Items > 0 || usage.Type?.StartsWith("image_", StringComparison.Ordinal) == true))
            {
                (tokens.ImageOutput, tokens.Output) = (tokens.Output, 0);
                usage = usage with { Tokens = tokens };
            }

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

        UsageParts into = Parts(reported, "input_tokens_details", "input_token_details"), outOf = Parts(reported, "output_tokens_details", "output_token_details");
        return usage with
        {
            Seconds = seconds,
            OutputToldApart = outOf.NamesImages,
            Tokens = outOf.WithOutput(into.OfInput(Math.Max(input ?? 0, 0)), Math.Max(output ?? 0, 0), false),
        };
    }

    private static UsageParts Parts(JsonElement reported, string name, string alias)
    {
        var parts = new UsageParts();
        if (reported.Member(name, alias) is { ValueKind: JsonValueKind.Object } details)
        {
            var reader = new Utf8JsonReader(JsonOutput.Raw(details));
            reader.Read();
            parts.Read(ref reader);
            parts.Reasoning = 0;
        }

        return parts;
    }
}
