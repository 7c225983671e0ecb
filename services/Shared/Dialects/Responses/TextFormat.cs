using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>The member <c>text.format</c>.</summary>
internal static class TextFormat
{
    /// <summary>Reads the form of the answer; null when it is of a kind nobody knows.</summary>
    public static ResponseFormat? Read(JsonElement format) => format.StringOf("type") switch
    {
        "text" => new ResponseFormat { Kind = ResponseFormatKind.Text },
        "json_object" => new ResponseFormat { Kind = ResponseFormatKind.JsonObject },
        "json_schema" => new ResponseFormat
        {
            Kind = ResponseFormatKind.JsonSchema,
            Name = format.StringOf("name"),
            Description = format.StringOf("description"),
            Schema = format.TryMember("schema", out var schema) ? schema : null,
            Strict = format.BoolOf("strict"),
        },
        _ => null,
    };

    /// <summary>Writes the form of the answer as a value.</summary>
    public static void Write(Utf8JsonWriter json, ResponseFormat? format, DialectId origin)
    {
        json.WriteStartObject();
        switch (format?.Kind)
        {
            case ResponseFormatKind.JsonObject:
                json.WriteString("type"u8, "json_object"u8);
                break;
            case ResponseFormatKind.JsonSchema:
                json.WriteString("type"u8, "json_schema"u8);
                // The dialect insists on a name.
                json.WriteString("name"u8, string.IsNullOrEmpty(format.Name) ? "response" : format.Name);
                if (format.Description is not null)
                {
                    json.WriteString("description"u8, format.Description);
                }

                json.WritePropertyName("schema"u8);
                if (format.Schema is { } schema)
                {
                    schema.WriteTo(json);
                }
                else
                {
                    json.WriteStartObject();
                    json.WriteEndObject();
                }

                if (StrictSchema.Of(format.Strict, format.Schema, origin, out _) is { } strict)
                {
                    json.WriteBoolean("strict"u8, strict);
                }

                break;
            default:
                json.WriteString("type"u8, "text"u8);
                break;
        }

        json.WriteEndObject();
    }
}
