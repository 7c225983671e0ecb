using System.Buffers;

namespace Gateway.Dialects.Gemini;

/// <summary>The framing of a stream that is one JSON array: what stands before each element, and after the last. Not thread-safe.</summary>
public sealed class JsonArrayWriter
{
    private bool _begun;

    /// <summary>Writes what stands before the next element.</summary>
    public void Begin(IBufferWriter<byte> output)
    {
        output.Write(_begun ? ",\r\n"u8 : "["u8);
        _begun = true;
    }

    /// <summary>Ends the array.</summary>
    public void End(IBufferWriter<byte> output) => output.Write(_begun ? "]"u8 : "[]"u8);
}
