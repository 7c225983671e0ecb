using System.Text;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching.Keys;

/// <summary>
/// Members of a request's body that do not shape its answer, so that requests which differ only in them have the same answer. docs/caching.md has this list: a member that is not
/// in it counts. The model is left out because it counts by its public name.
/// </summary>
internal sealed class IgnoredMembers
{
    private static readonly IgnoredMembers _openAIChat = new(
        "model", "stream", "stream_options", "user", "safety_identifier", "metadata", "store", "prompt_cache_key", "prompt_cache_retention", "service_tier", "fallbacks");

    // Whether a response is stored decides what its id is good for.
    private static readonly IgnoredMembers _responses = new(
        "model", "stream", "stream_options", "user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention", "service_tier", "fallbacks");

    private static readonly IgnoredMembers _completions = new("model", "stream", "stream_options", "user", "service_tier", "fallbacks");

    private static readonly IgnoredMembers _anthropic = new("model", "stream", "metadata", "service_tier", "fallbacks");

    private static readonly IgnoredMembers _gemini = new("model", "labels", "fallbacks");

    private static readonly IgnoredMembers _bedrock = new("modelId", "requestMetadata", "performanceConfig", "serviceTier", "fallbacks");

    private static readonly IgnoredMembers _cohere = new("model", "stream", "fallbacks");

    private static readonly IgnoredMembers _others = new("model", "user", "fallbacks");

    private readonly byte[][] _names;

    private IgnoredMembers(params string[] names) => _names = [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The members of an operation's body that do not count.</summary>
    public static IgnoredMembers Of(OperationSpec operation) => operation.Operation is not (Operation.Chat or Operation.Completion)
        ? operation.Dialect == DialectId.Gemini ? _gemini : _others
        : operation.Dialect switch
        {
            DialectId.OpenAIChat => _openAIChat,
            DialectId.OpenAIResponses => _responses,
            DialectId.OpenAICompletions => _completions,
            DialectId.Anthropic => _anthropic,
            DialectId.Gemini => _gemini,
            DialectId.BedrockConverse => _bedrock,
            DialectId.Cohere => _cohere,
            _ => _others,
        };

    public bool Has(ReadOnlySpan<byte> name)
    {
        foreach (var known in _names)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
