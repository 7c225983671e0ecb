using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Recordings.Framing;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>Streams as they travel, in the framing of their dialect.</summary>
internal static class Wire
{
    public static StreamReading Read(IChatDialect dialect, ReadOnlyMemory<byte> body, Random random)
    {
        if (dialect.Id != DialectId.BedrockConverse)
        {
            return StreamPlayback.ReadSse(dialect, body, random);
        }

        var reader = dialect.CreateStreamReader();
        var events = new List<ChatEvent>();
        string? invalid = null;
        foreach (var message in EventStreamFraming.Read(body))
        {
            var name = message.Headers.GetValueOrDefault(":event-type") ?? message.Headers.GetValueOrDefault(":exception-type") ?? "";
            if (!reader.Read(Encoding.UTF8.GetBytes(name), message.Payload.Span, events))
            {
                invalid ??= Encoding.UTF8.GetString(message.Payload.Span);
            }
        }

        return new StreamReading(events, reader.Complete(events), invalid);
    }
}
