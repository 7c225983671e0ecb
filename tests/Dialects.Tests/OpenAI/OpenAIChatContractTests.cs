using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.OpenAI;

public sealed class OpenAIChatContractTests : DialectContractTests<OpenAIChatDialect>
{
    protected override OpenAIChatDialect Dialect => OpenAIChatDialect.Instance;

    protected override RequestTarget Target => new() { Model = "model", Provider = "openrouter" };

    protected override DialectFeatures RequestFeatures =>
        TopK | Seed | Penalties | Stop | EndUser | ParallelToolCalls | JsonObject | JsonSchema | ReasoningEffort | Verbosity | Images | ImageUrls | Documents | AudioInput
        | CustomTools | CacheMarkers | ReasoningSignatures | EncryptedReasoning | CallIds | StrictTools | ChoiceCount;

    protected override DialectFeatures AnswerFeatures =>
        Reasoning | ReasoningSignatures | EncryptedReasoning | ReasoningSummaries | Refusals | Choices | WebCitations | AudioOutput | ImageOutput | CacheRead | CacheWrite
        | ReasoningTokens | AudioTokens | CallIds | CustomTools | LogProbabilities | ContentFilter;

    // That reasoning is a summary is told with its signature, when the text is out.
    protected override DialectFeatures StreamFeatures => AnswerFeatures & ~ReasoningSummaries;

    protected override IReadOnlyList<ChatErrorKind> ToldErrorKinds => [.. Enum.GetValues<ChatErrorKind>()];

    /// <summary>A message has its tool calls after everything else.</summary>
    protected override ChatAnswer Expected(ChatAnswer answer, bool streamed)
    {
        foreach (var choice in streamed ? [] : answer.Choices)
        {
            var ordered = choice.Parts.OrderBy(static p => p is ToolCallPart ? 1 : 0).ToList();
            choice.Parts.Clear();
            choice.Parts.AddRange(ordered);
        }

        return answer;
    }
}
