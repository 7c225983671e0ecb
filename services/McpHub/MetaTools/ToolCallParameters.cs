using System.Buffers;
using System.Text.Json;

namespace Gateway.McpHub.MetaTools;

/// <summary>The <c>params</c> of <c>tools/call</c>.</summary>
internal static class ToolCallParameters
{
    public static ReadOnlyMemory<byte> Of(string name, ReadOnlyMemory<byte> arguments)
    {
        var buffer = new ArrayBufferWriter<byte>(arguments.Length + 128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, name);
            writer.WritePropertyName("arguments"u8);
            writer.WriteRawValue(arguments.Span, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
