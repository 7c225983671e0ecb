using System.Text.Json;

namespace Gateway.Dialects;

/// <summary>The names that providers give their service tiers.</summary>
public static class ReportedTiers
{
    /// <summary>Reads a tier's name; the reader stands on the value and, afterwards, on its end.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="otherwise">What is returned for anything that is no name of a tier.</param>
    public static ReportedTier Read(ref Utf8JsonReader reader, ReportedTier otherwise)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return otherwise;
        }

        return reader.HasValueSequence || reader.ValueIsEscaped ? otherwise : Parse(reader.ValueSpan) is var tier and not ReportedTier.Unknown ? tier : otherwise;
    }

    /// <summary>The tier of a name; <see cref="ReportedTier.Unknown"/> for null.</summary>
    /// <param name="name">As providers write it.</param>
    public static ReportedTier Parse(string? name) => name is null or { Length: > 32 } ? ReportedTier.Unknown : Parse(System.Text.Encoding.UTF8.GetBytes(name));

    /// <summary>The tier of a name; <see cref="ReportedTier.Unknown"/> for one that leaves the choice to the provider, as <c>auto</c> does.</summary>
    /// <param name="name">As OpenAI, Anthropic, Gemini, Vertex AI, Bedrock and Groq write it.</param>
    public static ReportedTier Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("default"u8) || name.SequenceEqual("standard"u8) || name.SequenceEqual("on_demand"u8) || name.SequenceEqual("ON_DEMAND"u8) || name.SequenceEqual("STANDARD"u8)
            ? ReportedTier.Standard
        : name.SequenceEqual("priority"u8) || name.SequenceEqual("ON_DEMAND_PRIORITY"u8) || name.SequenceEqual("PRIORITY"u8) || name.SequenceEqual("fast"u8) ? ReportedTier.Priority
        : name.SequenceEqual("flex"u8) || name.SequenceEqual("ON_DEMAND_FLEX"u8) || name.SequenceEqual("FLEX"u8) ? ReportedTier.Flex
        : name.SequenceEqual("batch"u8) || name.SequenceEqual("BATCH"u8) ? ReportedTier.Batch
        : ReportedTier.Unknown;
}
