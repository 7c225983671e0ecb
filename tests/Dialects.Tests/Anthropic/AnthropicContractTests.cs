using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Anthropic;

public sealed class AnthropicContractTests : DialectContractTests<AnthropicDialect>
{
    protected override AnthropicDialect Dialect => AnthropicDialect.Instance;

    // A model that takes temperature beside top-p.
    protected override RequestTarget Target => new() { Model = "claude-3-7-sonnet-latest", Provider = "anthropic", MaxOutputTokens = 1000 };

    protected override DialectFeatures RequestFeatures =>
        TopK | Stop | EndUser | ParallelToolCalls | JsonSchema | Images | ImageUrls | Documents | ToolResultImages | ToolErrors | CacheMarkers | ReasoningSignatures
        | EncryptedReasoning | MixedParts | CallIds;

    protected override DialectFeatures AnswerFeatures =>
        Reasoning | ReasoningSignatures | EncryptedReasoning | MixedParts | CacheRead | CacheWrite | ReasoningTokens | CallIds | WebCitations | StopSequenceReported;

    protected override IReadOnlyList<ChatErrorKind> ToldErrorKinds =>
        [.. Enum.GetValues<ChatErrorKind>().Except([ChatErrorKind.ContentFilter, ChatErrorKind.ContextLength])];

    protected override ChatRequest Expected(ChatRequest request)
    {
        // The cap is obligatory.
        request.MaxOutputTokens ??= Target.MaxOutputTokens;
        return request;
    }
}
