using Gateway.Dialects.Chat;
using Gateway.Dialects.Responses;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Responses;

public sealed class ResponsesContractTests : DialectContractTests<ResponsesDialect>
{
    protected override ResponsesDialect Dialect => ResponsesDialect.Instance;

    protected override RequestTarget Target => new() { Model = "model", Provider = "compatible" };

    protected override DialectFeatures RequestFeatures =>
        EndUser | Metadata | ParallelToolCalls | AllowedTools | JsonObject | JsonSchema | DialectFeatures.ReasoningEffort | Verbosity | Images | ImageUrls | Documents | AudioInput
        | ToolResultImages | CustomTools | DialectFeatures.EncryptedReasoning | CallIds | StrictTools | Developer;

    // Encrypted reasoning is bound to its item's id, which ResponsesSignatureTests follow.
    protected override DialectFeatures AnswerFeatures =>
        Reasoning | Refusals | MixedParts | WebCitations | ImageOutput | CacheRead | CacheWrite | ReasoningTokens | AudioTokens | CallIds | CustomTools
        | LogProbabilities | ContentFilter;

    protected override IReadOnlyList<ChatErrorKind> ToldErrorKinds => [.. Enum.GetValues<ChatErrorKind>()];
}
