using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Models;

/// <summary>Models and pages of models as each API shows them.</summary>
internal static class ModelShapes
{
    // When a provider made a model is not known here; clients require a moment.
    private const string Unknown = "1970-01-01T00:00:00Z";

    /// <summary>One page of models.</summary>
    /// <param name="writer">Receives it.</param>
    /// <param name="dialect">The caller's dialect.</param>
    /// <param name="page">The models of the page.</param>
    /// <param name="next">Where the next page begins, or null when this is the last.</param>
    public static void WritePage(Utf8JsonWriter writer, DialectId dialect, ReadOnlySpan<ListedModel> page, string? next)
    {
        writer.WriteStartObject();
        if (dialect == DialectId.OpenAIChat)
        {
            writer.WriteString("object"u8, "list"u8);
        }

        writer.WriteStartArray(dialect == DialectId.Gemini ? "models"u8 : "data"u8);
        foreach (var model in page)
        {
            WriteModel(writer, dialect, model);
        }

        writer.WriteEndArray();
        if (dialect == DialectId.Anthropic)
        {
            writer.WriteBoolean("has_more"u8, next is not null);
            writer.WriteString("first_id"u8, page.IsEmpty ? null : page[0].Name);
            writer.WriteString("last_id"u8, page.IsEmpty ? null : page[^1].Name);
        }
        else if (dialect == DialectId.Gemini && next is not null)
        {
            writer.WriteString("nextPageToken"u8, next);
        }

        writer.WriteEndObject();
    }

    public static void WriteModel(Utf8JsonWriter writer, DialectId dialect, in ListedModel model)
    {
        writer.WriteStartObject();
        switch (dialect)
        {
            case DialectId.Anthropic:
                writer.WriteString("type"u8, "model"u8);
                writer.WriteString("id"u8, model.Name);
                writer.WriteString("display_name"u8, model.Name);
                writer.WriteString("created_at"u8, Unknown);
                break;
            case DialectId.Gemini:
                writer.WriteString("name"u8, "models/" + model.Name);
                writer.WriteString("displayName"u8, model.Name);
                writer.WriteStartArray("supportedGenerationMethods"u8);
                writer.WriteStringValue("generateContent"u8);
                writer.WriteStringValue("streamGenerateContent"u8);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteString("id"u8, model.Name);
                writer.WriteString("object"u8, "model"u8);
                writer.WriteNumber("created"u8, 0);
                writer.WriteString("owned_by"u8, model.Owner);
                break;
        }

        writer.WriteEndObject();
    }
}
