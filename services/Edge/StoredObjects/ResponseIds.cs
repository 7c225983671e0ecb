using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Framing;

namespace Gateway.Edge.StoredObjects;

/// <summary>Puts wrapped ids in the place of a provider's in a response, plain or streamed. All other bytes stay as they came.</summary>
/// <param name="ids">Makes the ids.</param>
/// <param name="holder">The deployment that answers.</param>
/// <param name="tenant">Whose the response is.</param>
/// <param name="isStored">False for a response that is not kept: its own id leads nowhere and stays.</param>
internal sealed class ResponseIds(ObjectIds ids, string holder, string tenant, bool isStored)
{
    /// <summary>What ids of responses begin with.</summary>
    public const string Prefix = "resp_";

    /// <summary>A whole response, or what is told of one that was deleted.</summary>
    public ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> body)
    {
        Span<Edit> edits = [default, default];
        var count = 0;
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            ReadResponse(ref reader, edits, ref count);
        }
        catch (JsonException)
        {
            return body;
        }

        return Apply(body, 0, edits[..count]);
    }

    /// <summary>An event of a stream.</summary>
    /// <param name="frame">The event as it came.</param>
    /// <param name="opened">What it carries.</param>
    public ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> frame, in StreamFrame opened)
    {
        var payload = opened.Payload.Span;
        if (payload.IndexOf("\"response\""u8) < 0)
        {
            return frame;
        }

        Span<Edit> edits = [default, default];
        var count = 0;
        try
        {
            ReadEvent(payload, edits, ref count);
        }
        catch (JsonException)
        {
            return frame;
        }

        if (count == 0)
        {
            return frame;
        }

        return frame.Span.Overlaps(payload, out var offset) ? Apply(frame, offset, edits[..count]) : Reframe(opened, Apply(opened.Payload, 0, edits[..count]));
    }

    private static ReadOnlyMemory<byte> Reframe(in StreamFrame opened, ReadOnlyMemory<byte> payload)
    {
        // Several lines of data: they are line breaks between members, where one is as good as none.
        var text = new ArrayBufferWriter<byte>(payload.Length + 64);
        if (!opened.EventName.IsEmpty)
        {
            text.Write("event: "u8);
            text.Write(opened.EventName.Span);
            text.Write("\n"u8);
        }

        foreach (var range in payload.Span.Split((byte)'\n'))
        {
            text.Write("data: "u8);
            text.Write(payload.Span[range]);
            text.Write("\n"u8);
        }

        text.Write("\n"u8);
        return text.WrittenMemory;
    }

    private void ReadEvent(ReadOnlySpan<byte> payload, scoped Span<Edit> edits, ref int count)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isResponse = reader.ValueTextEquals("response"u8);
            reader.Read();
            if (isResponse)
            {
                ReadResponse(ref reader, edits, ref count);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadResponse(ref Utf8JsonReader reader, scoped Span<Edit> edits, ref int count)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = (isStored && reader.ValueTextEquals("id"u8)) || reader.ValueTextEquals("previous_response_id"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String && count < edits.Length && Wrapped(reader) is { } wrapped)
            {
                edits[count++] = new Edit((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex), wrapped);
            }

            reader.Skip();
        }
    }

    /// <summary>The gateway's id for one of the provider's; that itself where the response is not kept.</summary>
    public string Wrapped(string id) => isStored && Wrap(id) is { } wrapped ? wrapped : id;

    private string? Wrapped(in Utf8JsonReader reader) => Wrap(StringOf(reader));

    private string? Wrap(string id)
    {
        var reference = new ObjectRef(holder, id);
        return ObjectIds.Fits(reference) ? ids.Wrap(Prefix, reference, tenant) : null;
    }

    private static string StringOf(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no text: no id of anything.
            return "";
        }
    }

    private static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> bytes, int offset, ReadOnlySpan<Edit> edits)
    {
        if (edits.IsEmpty)
        {
            return bytes;
        }

        var output = new ArrayBufferWriter<byte>(bytes.Length + (edits.Length * 256));
        var at = 0;
        foreach (var edit in edits)
        {
            output.Write(bytes.Span[at..(offset + edit.Start)]);
            output.Write("\""u8);
            // Base64url and a prefix: nothing to escape.
            Encoding.UTF8.GetBytes(edit.Id, output);
            output.Write("\""u8);
            at = offset + edit.Start + edit.Length;
        }

        output.Write(bytes.Span[at..]);
        return output.WrittenMemory;
    }

    private readonly record struct Edit(int Start, int Length, string Id);
}
