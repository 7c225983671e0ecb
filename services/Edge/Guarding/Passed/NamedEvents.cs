using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>
/// Events that are named by what they carry and at what stage it is: <c>response.output_text.delta</c>, <c>response.output_text.done</c>. So are those of Responses, of realtime sessions and of
/// transcriptions.
/// </summary>
internal static class NamedEvents
{
    private const string Delta = ".delta";
    private const string Done = ".done";
    private const string Completed = ".completed";

    private static readonly string[] _families = ["response.", "conversation.", "session.", "transcript.", "input_audio_buffer.", "output_audio_buffer.", "rate_limits.", "image_generation.", "image_edit.", "speech.", "transcription_session.", "mcp_list_tools."];

    public static void Find(JsonElement root, string type, EventReading reading)
    {
        reading.IsKnown |= Array.Exists(_families, f => type.StartsWith(f, StringComparison.Ordinal));
        if (IsSound(type))
        {
            reading.Skip(root, "delta");
            reading.Skip(root, "audio");
        }
        else if (type.EndsWith(Delta, StringComparison.Ordinal))
        {
            FindDelta(root, type[..^Delta.Length], reading);
        }
        else if (type is "response.completed" or "response.incomplete" or "response.failed" or "response.cancelled" or "response.done")
        {
            reading.Ends.Add($"r:{ResponseId(root)}:");
            reading.Ends.Add("r::");
        }
        else if (type.EndsWith(Done, StringComparison.Ordinal))
        {
            reading.Ends.Add(Key(root, type[..^Done.Length]));
        }
        else if (type.EndsWith(Completed, StringComparison.Ordinal))
        {
            reading.Ends.Add(Key(root, type[..^Completed.Length]));
        }
        else if (type.EndsWith("item.added", StringComparison.Ordinal) && root.TryGetProperty("item"u8, out var item) && DeltaShapes.Text(item, "id") is { } id)
        {
            reading.Call("item:" + id, DeltaShapes.Text(item, "name"));
        }
    }

    /// <summary>True for events that carry sound.</summary>
    public static bool IsSound(string type) => type is "response.audio.delta" or "response.output_audio.delta" or "speech.audio.delta";

    private static void FindDelta(JsonElement root, string stem, EventReading reading)
    {
        if (!root.TryGetProperty("delta"u8, out var delta))
        {
            return;
        }

        var isCall = stem.EndsWith("arguments", StringComparison.Ordinal) || stem.EndsWith("_input", StringComparison.Ordinal);
        var tool = isCall ? reading.ToolOf("item:" + DeltaShapes.Text(root, "item_id")) : null;
        reading.Add(Key(root, stem), delta, isCall ? GuardrailScope.ToolCall : GuardrailScope.Output, tool, stem.EndsWith("arguments", StringComparison.Ordinal));
    }

    private static string Key(JsonElement root, string stem) =>
        $"{(stem.StartsWith("response.", StringComparison.Ordinal) ? 'r' : 'i')}:{DeltaShapes.Text(root, "response_id")}:{stem}:{DeltaShapes.Text(root, "item_id")}:{DeltaShapes.Index(root, "output_index")}:{DeltaShapes.Index(root, "content_index")}{DeltaShapes.Index(root, "summary_index")}:";

    private static string? ResponseId(JsonElement root) => root.TryGetProperty("response"u8, out var response) ? DeltaShapes.Text(response, "id") : null;
}
