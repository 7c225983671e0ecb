using System.Collections.Frozen;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.OpenAI;

/// <summary>OpenAI, and everything that speaks its HTTP dialect; what is odd about one of those is data in its entry.</summary>
internal sealed class OpenAIAdapter : ProviderAdapter
{
    // Set by callers to steer the provider itself; harmless to others.
    private static readonly string[] _passed = ["OpenAI-Beta", "Idempotency-Key"];

    private readonly FrozenDictionary<string, Uri> _addresses;

    public OpenAIAdapter(ProviderEntry entry)
        : base(entry) =>
        _addresses = OpenAIPaths.All.ToFrozenDictionary(static p => p, p => new Uri(Root + p, UriKind.Absolute), StringComparer.Ordinal);

    public override DialectId? ChatDialect(DialectId caller, string model) => caller switch
    {
        DialectId.OpenAIResponses when Entry.NativeResponses => DialectId.OpenAIResponses,
        DialectId.OpenAICompletions => DialectId.OpenAICompletions,
        _ => DialectId.OpenAIChat,
    };

    public override EmbeddingForm? Embeddings(string model) => EmbeddingForm.OpenAI;

    public override Uri? Address(in UpstreamTarget target) => OpenAIPaths.Of(target) switch
    {
        null => null,
        var path when target.Suffix.Length == 0 => _addresses[path],
        var path => new Uri(Root + path + target.Suffix, UriKind.Absolute),
    };

    public override string[] PassedHeaders(DialectId dialect) => _passed;
}
