using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Arguments of tool calls in dialects that have them as an object only.</summary>
internal static class ToolArguments
{
    /// <summary>Member that holds the input of a tool with free text, and what a model wrote that is not the object it should be.</summary>
    public const string FreeText = "input";

    /// <summary>Writes arguments as a value: nothing becomes an empty object, what is no object is put into one.</summary>
    public static void Write(Utf8JsonWriter writer, string arguments, bool isFreeText)
    {
        if (!isFreeText && LenientJson.TryParse(arguments, out var parsed) && parsed.ValueKind == JsonValueKind.Object)
        {
            parsed.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        if (isFreeText || (!string.IsNullOrWhiteSpace(arguments) && arguments.Trim() != "null"))
        {
            writer.WriteString(FreeText, arguments);
        }

        writer.WriteEndObject();
    }

    /// <summary>The same as JSON text.</summary>
    public static string Wrap(string text) => JsonElements.Build(text, static (writer, input) => Write(writer, input, isFreeText: true)).GetRawText();
}
