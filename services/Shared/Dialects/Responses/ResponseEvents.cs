using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Frames events of a Responses stream and numbers them.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The writer is flushed after every event and holds nothing else.")]
internal sealed class ResponseEvents
{
    private Utf8JsonWriter? _json;
    private IBufferWriter<byte>? _output;
    private int _sequence;

    public static JsonWriterOptions JsonOptions => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Where events go from now on.</summary>
    public void WriteTo(IBufferWriter<byte> output) => _output = output;

    /// <summary>Begins an event; the caller writes its further members and calls <see cref="End"/>.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
    {
        var output = _output!;
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        if (_json is null)
        {
            _json = new Utf8JsonWriter(output, JsonOptions);
        }
        else
        {
            _json.Reset(output);
        }

        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteNumber("sequence_number"u8, _sequence++);
        return _json;
    }

    /// <summary>Begins an event of an item.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type, OutputItem item)
    {
        var json = Begin(type);
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("output_index"u8, item.Index);
        return json;
    }

    /// <summary>Ends the event.</summary>
    public void End()
    {
        _json!.WriteEndObject();
        _json.Flush();
        _output!.Write("\n\n"u8);
    }
}
