using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>One content of a message of the output while it grows: a text or a refusal.</summary>
internal sealed class OutputContent(bool isRefusal, int index)
{
    public bool IsRefusal { get; } = isRefusal;

    /// <summary>Position in the message.</summary>
    public int Index { get; } = index;

    public StringBuilder Text { get; } = new();

    public List<Citation> Citations { get; } = [];

    /// <summary>Log probabilities: arrays of entries, to be joined.</summary>
    public List<JsonElement> LogProbabilities { get; } = [];

    /// <summary>Writes the content as a value.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="done">False for the content as it begins: empty.</param>
    public void Write(Utf8JsonWriter json, bool done)
    {
        json.WriteStartObject();
        var text = done ? Text.ToString() : "";
        if (IsRefusal)
        {
            json.WriteString("type"u8, "refusal"u8);
            json.WriteString("refusal"u8, text);
        }
        else
        {
            json.WriteString("type"u8, "output_text"u8);
            json.WriteString("text"u8, text);
            json.WriteStartArray("annotations"u8);
            if (done)
            {
                foreach (var citation in Citations)
                {
                    Annotations.Write(json, citation, Text.Length);
                }
            }

            json.WriteEndArray();
            WriteLogProbabilities(json, done);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the member <c>logprobs</c>.</summary>
    public void WriteLogProbabilities(Utf8JsonWriter json, bool done)
    {
        json.WriteStartArray("logprobs"u8);
        if (done)
        {
            foreach (var entry in LogProbabilities.SelectMany(static list => list.EnumerateArray()))
            {
                entry.WriteTo(json);
            }
        }

        json.WriteEndArray();
    }
}
