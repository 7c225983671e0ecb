using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Prices;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Operations;

/// <summary>An operation of a provider that understands the caller's form: bytes pass both ways, and usage is read on their way.</summary>
internal sealed class PassedCall : OperationCall
{
    // What the common image models make of a square picture of medium quality.
    private const int TokensPerImage = 1_056;
    private const int BytesPerToken = 4;

    // Nobody speaks more than twenty bytes of text a second; the rest of a transcript is times and punctuation.
    private const int MillisecondsPerByte = 50;

    // Sound for one character of text is about one and a half tokens.
    private const int BytesPerSpokenCharacter = 6;

    private readonly RequestContext _context;

    public PassedCall(in UpstreamTarget target, RequestContext context)
        : base(target)
    {
        _context = context;
        switch (target.Operation)
        {
            case UpstreamOperation.Speech:
                var characters = SpokenText.Length(context.Body.Span);
                Units = new UsageUnits { Characters = characters };
                OutputTextBytes = characters * BytesPerSpokenCharacter;
                break;
            case UpstreamOperation.Transcription or UpstreamOperation.Translation:
                Units = new UsageUnits { AudioMilliseconds = Recordings.Milliseconds(context) };
                break;
            case UpstreamOperation.ImageGeneration or UpstreamOperation.ImageEdit or UpstreamOperation.ImageVariation:
                Units = BilledUse.Images(context, context.Envelope.Choices);
                OutputTextBytes = (long)context.Envelope.Choices * TokensPerImage * BytesPerToken;
                break;
        }
    }

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (Target.Operation is UpstreamOperation.Transcription or UpstreamOperation.Translation && !mediaType.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            // Plain text and captions have no usage.
            return new OperationAnswer { Units = Units, OutputTextBytes = Spoken(body.Length, Units) };
        }

        if (!MediaUsage.TryRead(body.Span, out var usage))
        {
            return null;
        }

        return Target.Operation switch
        {
            // What a moderation costs, if anything, is the prompt.
            UpstreamOperation.Moderation => new OperationAnswer { Tokens = usage.Tokens ?? new TokenCounts { Input = Math.Max(1, _context.PromptBytes / BytesPerToken) } },
            UpstreamOperation.Transcription or UpstreamOperation.Translation => new OperationAnswer
            {
                Tokens = usage.Tokens,
                Units = usage.Seconds is >= 0 and < 1e7 and var seconds ? new UsageUnits { AudioMilliseconds = (long)Math.Ceiling(seconds * 1_000) } : Units,
                OutputTextBytes = Spoken(body.Length, Units),
            },
            _ => new OperationAnswer
            {
                Tokens = usage.Tokens,
                // What was not asked for is not billed, and was not held.
                Units = Made(Units, usage.Items),
                OutputTextBytes = (long)usage.Items * TokensPerImage * BytesPerToken,
            },
        };
    }

    private static UsageUnits Made(in UsageUnits asked, long images) =>
        images >= asked.Images ? asked : asked with { Images = images, Pixels = asked.Images == 0 ? 0 : asked.Pixels / asked.Images * images };

    private static long Spoken(int bytes, in UsageUnits units) => Math.Min(bytes, units.AudioMilliseconds / MillisecondsPerByte);
}
