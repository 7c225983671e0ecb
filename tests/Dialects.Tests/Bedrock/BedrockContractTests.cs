using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Bedrock;

public sealed class BedrockContractTests : DialectContractTests<BedrockConverseDialect>
{
    protected override BedrockConverseDialect Dialect => BedrockConverseDialect.Instance;

    // A model that takes temperature beside top-p.
    protected override RequestTarget Target => new() { Model = "anthropic.claude-3-7-sonnet-20250219-v1:0", Provider = "bedrock", ModelInPath = true, MaxOutputTokens = 1000 };

    protected override RequestLocation Location => new("model", false);

    protected override DialectFeatures RequestFeatures =>
        TopK | Stop | Metadata | JsonSchema | Images | ToolResultImages | ToolErrors | ReasoningSignatures | EncryptedReasoning | MixedParts | CallIds | AlwaysTools;

    protected override DialectFeatures AnswerFeatures =>
        Reasoning | ReasoningSignatures | EncryptedReasoning | MixedParts | CacheRead | CacheWrite | CallIds | WebCitations | StopSequenceReported | ContentFilter;

    protected override IReadOnlyList<ChatErrorKind> ToldErrorKinds =>
        [ChatErrorKind.InvalidRequest, ChatErrorKind.Authentication, ChatErrorKind.Permission, ChatErrorKind.NotFound, ChatErrorKind.RateLimit, ChatErrorKind.Overloaded, ChatErrorKind.Timeout, ChatErrorKind.Api];

    protected override List<WireEvent> Frames(ReadOnlyMemory<byte> stream, Random random, int maxPiece)
    {
        var events = new List<WireEvent>();
        using var reader = new EventStreamFrameReader();
        while (!stream.IsEmpty)
        {
            var room = reader.GetMemory();
            var size = Math.Min(Math.Min(random.Next(1, maxPiece + 1), stream.Length), room.Length);
            stream[..size].CopyTo(room);
            reader.Advance(size);
            stream = stream[size..];
            while (reader.TryRead(out var frame))
            {
                var open = reader.Open(frame);
                events.Add(new WireEvent(open.EventName.ToArray(), open.Payload.ToArray()));
            }
        }

        return events;
    }
}
