using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Makes elements and text of JSON that is put together here.</summary>
internal static class JsonElements
{
    // What is put together may be a little deeper than what was read.
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 512 };

    /// <summary>An element made of what <paramref name="write"/> writes.</summary>
    public static JsonElement Build<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = JsonOutput.Create(buffer))
        {
            write(writer, state);
        }

        return Parse(buffer.WrittenSpan);
    }

    /// <summary>Parses JSON that was written here.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> written) => JsonElement.Parse(written, _deep);

    /// <summary>The value as JSON text without white space.</summary>
    public static string Compact(this JsonElement element)
    {
        var raw = JsonOutput.Raw(element);
        if (raw.IndexOfAny("\r\n\t "u8) < 0)
        {
            return Encoding.UTF8.GetString(raw);
        }

        var buffer = new ArrayBufferWriter<byte>(raw.Length);
        using (var writer = JsonOutput.Create(buffer))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
