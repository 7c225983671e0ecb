using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Transport;

/// <summary>Writes messages as server-sent events.</summary>
internal static class EventFrame
{
    /// <summary>An event with the name <c>message</c>.</summary>
    public static byte[] Of(ReadOnlySpan<byte> message) => Of("event: message\ndata: "u8, message);

    /// <summary>An event whose first lines are given. Line ends of the message, which in JSON are blanks between tokens, become blanks.</summary>
    public static byte[] Of(ReadOnlySpan<byte> head, ReadOnlySpan<byte> message)
    {
        var frame = new byte[head.Length + message.Length + 2];
        head.CopyTo(frame);
        var body = frame.AsSpan(head.Length, message.Length);
        message.CopyTo(body);
        JsonBytes.OneLine(body);
        frame[^1] = frame[^2] = (byte)'\n';
        return frame;
    }
}
