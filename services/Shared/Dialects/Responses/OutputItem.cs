using System.Text;
using System.Text.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Kinds of output items the writer makes.</summary>
internal enum OutputItemKind
{
    Message = 1,
    Reasoning = 2,
    FunctionCall = 3,
    CustomToolCall = 4,
    Image = 5,
    Raw = 6,
}

/// <summary>One item of a response's output while it grows.</summary>
internal sealed class OutputItem(OutputItemKind kind, int index, string id)
{
    public OutputItemKind Kind { get; } = kind;

    /// <summary>Position in the output.</summary>
    public int Index { get; } = index;

    public string Id { get; set; } = id;

    /// <summary>What a message says.</summary>
    public List<OutputContent> Contents { get; } = [];

    /// <summary>Id of a call.</summary>
    public string CallId { get; init; } = "";

    /// <summary>Name of the tool, or media type of the image.</summary>
    public string Name { get; init; } = "";

    /// <summary>Arguments, input, summary, or base64 of the image.</summary>
    public StringBuilder Text { get; } = new();

    public string? Encrypted { get; set; }

    public JsonElement Raw { get; init; }

    /// <summary>True once the summary's part was announced.</summary>
    public bool HasSummary { get; set; }

    public bool IsDone { get; set; }

    /// <summary>How the item ended when it did not complete, or null.</summary>
    public string? Status { get; set; }

    /// <summary>Number of parts that still grow.</summary>
    public int Open { get; set; }

    /// <summary>Writes the item as a value.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="done">False for the item as it begins: without its content.</param>
    public void Write(Utf8JsonWriter json, bool done)
    {
        if (Kind == OutputItemKind.Raw)
        {
            Raw.WriteTo(json);
            return;
        }

        var status = done ? Status ?? "completed" : "in_progress";
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        switch (Kind)
        {
            case OutputItemKind.Message:
                json.WriteString("type"u8, "message"u8);
                json.WriteString("status"u8, status);
                json.WriteString("role"u8, "assistant"u8);
                json.WriteStartArray("content"u8);
                if (done)
                {
                    foreach (var content in Contents)
                    {
                        content.Write(json, done: true);
                    }
                }

                json.WriteEndArray();
                break;
            case OutputItemKind.Reasoning:
                json.WriteString("type"u8, "reasoning"u8);
                json.WriteStartArray("summary"u8);
                if (done && Text.Length > 0)
                {
                    WriteSummary(json, Text.ToString());
                }

                json.WriteEndArray();
                if (done && Encrypted is not null)
                {
                    json.WriteString("encrypted_content"u8, Encrypted);
                }

                break;
            case OutputItemKind.FunctionCall or OutputItemKind.CustomToolCall:
                var custom = Kind == OutputItemKind.CustomToolCall;
                json.WriteString("type"u8, custom ? "custom_tool_call"u8 : "function_call"u8);
                json.WriteString("status"u8, status);
                json.WriteString("call_id"u8, CallId);
                json.WriteString("name"u8, Name);
                json.WriteString(custom ? "input"u8 : "arguments"u8, done ? Input() : "");
                break;
            default:
                json.WriteString("type"u8, "image_generation_call"u8);
                json.WriteString("status"u8, status);
                if (done)
                {
                    WriteImageResult(json);
                }
                else
                {
                    json.WriteNull("result"u8);
                }

                break;
        }

        json.WriteEndObject();
    }

    /// <summary>The whole arguments or input; clients parse arguments, so a call without any has an empty object.</summary>
    public string Input() => Kind == OutputItemKind.FunctionCall && Text.Length == 0 ? "{}" : Text.ToString();

    public static void WriteSummary(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "summary_text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    private void WriteImageResult(Utf8JsonWriter json)
    {
        json.WriteString("result"u8, Text.ToString());
        if (Name.StartsWith("image/", StringComparison.Ordinal))
        {
            json.WriteString("output_format"u8, Name["image/".Length..]);
        }
    }
}
