using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Dialects.Json;

/// <summary>Writes JSON as all dialects do: compact, and only what must be is escaped.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A writer into <paramref name="output"/>.</summary>
    public static Utf8JsonWriter Create(IBufferWriter<byte> output) => new(output, _options);

    /// <summary>The JSON text of an element, as it was read.</summary>
    public static ReadOnlySpan<byte> Raw(JsonElement element) => JsonMarshal.GetRawUtf8Value(element);

    extension(Utf8JsonWriter writer)
    {
        /// <summary>Writes a member whose value is taken over.</summary>
        public void WriteElement(string name, JsonElement value)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        /// <summary>Writes a string member when there is a value.</summary>
        public void WriteOptional(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }

        /// <summary>Writes a boolean member when there is a value.</summary>
        public void WriteOptional(string name, bool? value)
        {
            if (value is { } known)
            {
                writer.WriteBoolean(name, known);
            }
        }

        /// <summary>Writes a number member when there is a value.</summary>
        public void WriteOptional(string name, long? value)
        {
            if (value is { } known)
            {
                writer.WriteNumber(name, known);
            }
        }

        /// <summary>Writes a number member when there is a value.</summary>
        public void WriteOptional(string name, double? value)
        {
            if (value is { } known)
            {
                writer.WriteNumber(name, known);
            }
        }
    }
}
