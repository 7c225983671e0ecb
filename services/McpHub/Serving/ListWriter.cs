using System.Buffers;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Serving;

/// <summary>Writes results of lists from elements that are JSON already.</summary>
internal static class ListWriter
{
    /// <summary>A result with one list.</summary>
    public static byte[] Write(string member, IEnumerable<ReadOnlyMemory<byte>> elements)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        buffer.Write("{\""u8);
        buffer.Write(System.Text.Encoding.ASCII.GetBytes(member));
        buffer.Write("\":["u8);
        var isFirst = true;
        foreach (var element in elements)
        {
            if (!isFirst)
            {
                buffer.Write(","u8);
            }

            isFirst = false;
            buffer.Write(element.Span);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A definition under the name that callers see.</summary>
    public static ReadOnlyMemory<byte> Named(ReadOnlyMemory<byte> definition, string own, string shown)
        => own == shown ? definition : JsonBytes.With(definition.Span, "name"u8, JsonBytes.Text(shown));
}
