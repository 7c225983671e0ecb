using System.Buffers;

namespace Gateway.Edge.Translation;

/// <summary>Writes the payloads of a stream's events as the elements of one JSON array, which is how Gemini streams when not asked for server-sent events.</summary>
internal sealed class JsonArrayFraming
{
    private bool _begun;

    public void Write(ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        if (!payload.IsEmpty)
        {
            output.Write(_begun ? ",\r\n"u8 : "["u8);
            output.Write(payload);
            _begun = true;
        }
    }

    public void End(IBufferWriter<byte> output) => output.Write(_begun ? "]"u8 : "[]"u8);
}
