using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>
/// Reasoning in OpenAI chat, which its specification does not know: <c>reasoning_content</c> or <c>reasoning</c> with the text, and
/// <c>reasoning_details</c>, a list of entries <c>reasoning.text</c>, <c>reasoning.summary</c> and <c>reasoning.encrypted</c> with the signatures. Entries
/// of one <c>index</c> are one part.
/// </summary>
internal static class OpenAIReasoning
{
    private const string Text = "reasoning.text";
    private const string Summary = "reasoning.summary";
    private const string Encrypted = "reasoning.encrypted";

    /// <summary>One entry of <c>reasoning_details</c>.</summary>
    public readonly record struct Detail(int? Index, string? Id, string? Text, bool IsSummary, Signature? Signature, Signature? Encrypted);

    /// <summary>The plain text of a message or delta, under the names the providers use, or null.</summary>
    public static string? PlainText(JsonElement message) => message.StringOf("reasoning_content") ?? message.StringOf("reasoning");

    /// <summary>The entries of a message or delta.</summary>
    public static List<Detail> ReadDetails(JsonElement message)
    {
        var details = new List<Detail>();
        if (!message.TryArray("reasoning_details", out var list))
        {
            return details;
        }

        foreach (var entry in list.EnumerateArray())
        {
            var format = entry.StringOf("format");
            var id = entry.StringOf("id");
            var seal = entry.StringOf("signature") is { Length: > 0 } signature ? ReasoningSeal.Read(signature, format, id) : null;
            var encrypted = entry.StringOf("data") is { Length: > 0 } data ? ReasoningSeal.Read(data, format, id) : null;
            switch (entry.StringOf("type"))
            {
                case Text:
                    details.Add(new Detail(entry.IntOf("index"), id, entry.StringOf("text"), false, seal, null));
                    break;
                case Summary:
                    details.Add(new Detail(entry.IntOf("index"), id, entry.StringOf("summary"), true, seal, null));
                    break;
                case Encrypted:
                    details.Add(new Detail(entry.IntOf("index"), id, null, false, null, encrypted));
                    break;
            }
        }

        return details;
    }

    /// <summary>Reads the reasoning of a whole message, in front of everything else.</summary>
    public static void ReadMessage(JsonElement message, List<ContentPart> parts)
    {
        var details = ReadDetails(message);
        int? index = null;
        ReasoningPart? current = null;
        if (!details.Exists(static d => d.Text is { Length: > 0 }) && PlainText(message) is { Length: > 0 } plain)
        {
            current = new ReasoningPart { Text = plain };
            index = details.Count > 0 ? details[0].Index : null;
            parts.Add(current);
        }

        foreach (var detail in details)
        {
            if (current is null || (detail.Index is not null && detail.Index != index) || (detail.Encrypted is not null && current.Encrypted is not null))
            {
                if (detail is { Text: null or "", Signature: null, Encrypted: null })
                {
                    continue;
                }

                current = new ReasoningPart();
                index = detail.Index;
                parts.Add(current);
            }

            current.Text += detail.Text;
            current.Id ??= detail.Id;
            current.IsSummary |= detail.IsSummary;
            current.Signature = detail.Signature ?? current.Signature;
            current.Encrypted = detail.Encrypted ?? current.Encrypted;
        }
    }

    /// <summary>True when the part says more than its text does.</summary>
    public static bool NeedsDetails(ReasoningPart part) => part.Signature is not null || part.Encrypted is not null || part.IsSummary || part.Id is not null;

    /// <summary>Writes the entries of one part.</summary>
    /// <param name="writer">Stands in the list.</param>
    /// <param name="part">The part.</param>
    /// <param name="index">Position among the reasoning parts.</param>
    public static void WriteDetails(Utf8JsonWriter writer, ReasoningPart part, int index)
    {
        if (part.Text.Length > 0 || part.Encrypted is null)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, part.IsSummary ? Summary : Text);
            writer.WriteString(part.IsSummary ? "summary"u8 : "text"u8, part.Text);
            WriteSeal(writer, "signature", part.Signature, part.Id);
            writer.WriteNumber("index"u8, index);
            writer.WriteEndObject();
        }

        if (part.Encrypted is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, Encrypted);
            WriteSeal(writer, "data", part.Encrypted, part.Id);
            writer.WriteNumber("index"u8, index);
            writer.WriteEndObject();
        }
    }

    private static void WriteSeal(Utf8JsonWriter writer, string name, Signature? signature, string? id)
    {
        if (signature is not null)
        {
            var (value, format, sealedId) = ReasoningSeal.Write(signature);
            writer.WriteString(name, value);
            writer.WriteOptional("format", format);
            id ??= sealedId;
        }

        writer.WriteOptional("id", id);
    }
}
