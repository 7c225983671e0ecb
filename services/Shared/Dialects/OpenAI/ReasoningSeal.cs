using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// Signatures and encrypted reasoning of providers that stand before others (OpenRouter, Vercel): they want the entry's <c>format</c> and <c>id</c> back
/// with the value, and other dialects have one string to carry it. The three travel as <c>detail:{"format":…,"id":…,"value":…}</c>.
/// </summary>
internal static class ReasoningSeal
{
    private const string Mark = "detail:";

    /// <summary>Reads a value that a provider or a caller gave.</summary>
    public static Signature Read(string value, string? format, string? id)
    {
        var signature = Signature.Read(DialectId.OpenAIChat, value);
        if (signature.Origin != DialectId.OpenAIChat || format is null || value.StartsWith(Mark, StringComparison.Ordinal))
        {
            return signature;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("format"u8, format);
            writer.WriteOptional("id", id);
            writer.WriteString("value"u8, value);
            writer.WriteEndObject();
        }

        return signature with { Value = Mark + Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) };
    }

    /// <summary>The value, format and id for an entry of <c>reasoning_details</c>.</summary>
    public static (string Value, string? Format, string? Id) Write(Signature signature)
    {
        if (signature.Origin == DialectId.OpenAIChat && signature.Value.StartsWith(Mark, StringComparison.Ordinal)
            && LenientJson.TryParseObject(Encoding.UTF8.GetBytes(signature.Value[Mark.Length..]), out var seal) && seal.StringOf("value") is { } value)
        {
            return (value, seal.StringOf("format"), seal.StringOf("id"));
        }

        return (signature.For(DialectId.OpenAIChat), null, null);
    }
}
