using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Anthropic;

/// <summary>Anthropic's messages API.</summary>
internal sealed class AnthropicAdapter : ProviderAdapter
{
    public const string Version = "2023-06-01";

    private static readonly string[] _passed = ["anthropic-beta", "anthropic-version", "Idempotency-Key"];

    private readonly Uri _messages;
    private readonly Uri _countTokens;
    private readonly Uri _models;

    public AnthropicAdapter(ProviderEntry entry)
        : base(entry)
    {
        _messages = new Uri(Root + "/messages", UriKind.Absolute);
        _countTokens = new Uri(Root + "/messages/count_tokens", UriKind.Absolute);
        _models = new Uri(Root + "/models", UriKind.Absolute);
    }

    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.Anthropic;

    public override Uri? Address(in UpstreamTarget target)
    {
        var address = target.Operation switch
        {
            UpstreamOperation.Chat => _messages,
            UpstreamOperation.CountTokens => _countTokens,
            UpstreamOperation.Models => _models,
            _ => null,
        };
        return address is null || target.Suffix.Length == 0 ? address : new Uri(address.AbsoluteUri + target.Suffix, UriKind.Absolute);
    }

    public override string[] PassedHeaders(DialectId dialect) => dialect == DialectId.Anthropic ? _passed : [];

    protected override void AddOwnHeaders(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.Contains("anthropic-version"))
        {
            request.Headers.TryAddWithoutValidation("anthropic-version", Version);
        }
    }
}
