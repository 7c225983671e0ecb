using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.McpHub.Protocol;

/// <summary>Reads and changes single members of JSON objects without touching the rest: what passes through the hub keeps its bytes.</summary>
internal static class JsonBytes
{
    /// <summary><c>{}</c>.</summary>
    public static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <summary>How deep messages may nest.</summary>
    public const int MaxDepth = 128;

    /// <summary>How everything is read.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Finds the value of a member. Of several of the same name it is the last, as most readers do.</summary>
    public static bool TryGet(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!TryFind(json, name, out var range))
        {
            return false;
        }

        value = json[range];
        return true;
    }

    /// <summary>The same for memory.</summary>
    public static bool TryGet(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (!TryFind(json.Span, name, out var range))
        {
            return false;
        }

        value = json[range];
        return true;
    }

    /// <summary>A member that is a text.</summary>
    public static bool TryGetString(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out string value)
    {
        value = "";
        return TryGet(json, name, out var raw) && TryString(raw, out value);
    }

    /// <summary>A value that is a text.</summary>
    public static bool TryString(ReadOnlySpan<byte> raw, out string value)
    {
        value = "";
        if (raw.IsEmpty || raw[0] != (byte)'"')
        {
            return false;
        }

        var reader = new Utf8JsonReader(raw, Options);
        try
        {
            reader.Read();
            value = reader.GetString()!;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Escapes of half a surrogate pair are legal JSON and no text.
            return false;
        }
    }

    /// <summary>A member that is true or false; null when it is neither.</summary>
    public static bool? Flag(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
        => !TryGet(json, name, out var raw) ? null : raw.SequenceEqual("true"u8) ? true : raw.SequenceEqual("false"u8) ? false : null;

    /// <summary>Whether a value is an object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> raw) => raw.Length > 0 && raw[0] == (byte)'{';

    /// <summary>Whether a value is a list.</summary>
    public static bool IsList(ReadOnlySpan<byte> raw) => raw.Length > 0 && raw[0] == (byte)'[';

    /// <summary>The elements of a list.</summary>
    public static List<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> list)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        if (!IsList(list.Span))
        {
            return found;
        }

        var reader = new Utf8JsonReader(list.Span, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found.Add(list[start..(int)reader.BytesConsumed]);
        }

        return found;
    }

    /// <summary>The members of an object, in order.</summary>
    public static List<KeyValuePair<string, ReadOnlyMemory<byte>>> Members(ReadOnlyMemory<byte> json)
    {
        var found = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>();
        if (!IsObject(json.Span))
        {
            return found;
        }

        var reader = new Utf8JsonReader(json.Span, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            found.Add(new(name, json[start..(int)reader.BytesConsumed]));
        }

        return found;
    }

    /// <summary>An object with a member set, or taken out when <paramref name="value"/> is empty. All others keep their bytes and order.</summary>
    public static byte[] With(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var writer = new ArrayBufferWriter<byte>(json.Length + name.Length + value.Length + 8);
        writer.Write("{"u8);
        var isFirst = true;
        var isSet = false;
        if (IsObject(json))
        {
            var reader = new Utf8JsonReader(json, Options);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var start = (int)reader.TokenStartIndex;
                var isIt = reader.ValueTextEquals(name);
                reader.Read();
                reader.Skip();
                var end = (int)reader.BytesConsumed;
                if (!isIt)
                {
                    Separate(writer, ref isFirst);
                    writer.Write(json[start..end]);
                }
                else if (!isSet && !value.IsEmpty)
                {
                    Separate(writer, ref isFirst);
                    Member(writer, name, value);
                    isSet = true;
                }
            }
        }

        if (!isSet && !value.IsEmpty)
        {
            Separate(writer, ref isFirst);
            Member(writer, name, value);
        }

        writer.Write("}"u8);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>An object without a member.</summary>
    public static byte[] Without(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name) => With(json, name, default);

    /// <summary>A text as JSON.</summary>
    public static byte[] Text(string text) => JsonSerializer.SerializeToUtf8Bytes(text, ProtocolJson.Default.String);

    /// <summary>Whether the whole is one well-formed value within the bounds of nesting.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.HasValueSequence)
                {
                    return false;
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Makes blanks of line ends, which in JSON stand only between tokens.</summary>
    public static void OneLine(Span<byte> json)
    {
        for (var at = json.IndexOfAny((byte)'\r', (byte)'\n'); at >= 0; at = json.IndexOfAny((byte)'\r', (byte)'\n'))
        {
            json[at] = (byte)' ';
            json = json[(at + 1)..];
        }
    }

    private static bool TryFind(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, out Range range)
    {
        range = default;
        if (!IsObject(json))
        {
            return false;
        }

        var isFound = false;
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
            {
                range = start..(int)reader.BytesConsumed;
                isFound = true;
            }
        }

        return isFound;
    }

    private static void Separate(ArrayBufferWriter<byte> writer, ref bool isFirst)
    {
        if (!isFirst)
        {
            writer.Write(","u8);
        }

        isFirst = false;
    }

    private static void Member(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // Names come from the code and need no escapes.
        writer.Write("\""u8);
        writer.Write(name);
        writer.Write("\":"u8);
        writer.Write(value);
    }

    /// <summary>For messages that the hub writes itself.</summary>
    public static byte[] Utf8(string json) => Encoding.UTF8.GetBytes(json);
}
