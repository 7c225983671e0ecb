using System.Buffers;
using System.Security.Cryptography;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI.Compatible;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Translation;

/// <summary>Brings a stream of a nearly compatible provider into the form that OpenAI's own clients accept. What conforms keeps its bytes.</summary>
internal sealed class Normalisation(AnswerNormaliser normaliser)
{
    private const int Prefix = 6;
    private const int Suffix = 2;

    private readonly ArrayBufferWriter<byte> _frame = new(512);

    /// <summary>True when a provider's answers are looked at; the built-in table or an operator may have switched it off.</summary>
    public static bool AppliesTo(ProviderEntry provider, OperationSpec operation, DialectId dialect) =>
        provider.Normalize && provider.Kind == ProviderKind.OpenAI && dialect == DialectId.OpenAIChat && operation.Upstream == UpstreamOperation.Chat;

    /// <summary>A normaliser for one answer.</summary>
    public static AnswerNormaliser Start(RequestContext context, DateTimeOffset created) =>
        new(RandomNumberGenerator.GetHexString(24, lowercase: true), context.ModelName, created.ToUnixTimeSeconds());

    /// <summary>Replaces an event that does not conform; both stay valid until the next call.</summary>
    public void Apply(ref ReadOnlyMemory<byte> frame, ref ReadOnlyMemory<byte> payload)
    {
        _frame.ResetWrittenCount();
        _frame.Write("data: "u8);
        if (normaliser.TryNormaliseChunk(payload.Span, _frame))
        {
            _frame.Write("\n\n"u8);
            frame = _frame.WrittenMemory;
            payload = frame[Prefix..^Suffix];
        }
    }
}
