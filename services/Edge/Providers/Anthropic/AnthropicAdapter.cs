using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Anthropic;

/// <summary>Anthropic's messages API.</summary>
internal sealed class AnthropicAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    /// <summary>The version of the API that is spoken where the caller names none.</summary>
    public const string Version = "2023-06-01";

    private static readonly string[] _passed = ["anthropic-beta", "anthropic-version", "Idempotency-Key"];

    private readonly AnthropicAddress _addresses = new(entry.BaseUrl);

    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.Anthropic;

    public override Uri? Address(in UpstreamTarget target) => _addresses.Of(target);

    public override string[] PassedHeaders(DialectId dialect) => dialect == DialectId.Anthropic ? _passed : [];

    protected override void AddOwnHeaders(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.Contains("anthropic-version"))
        {
            request.Headers.TryAddWithoutValidation("anthropic-version", Version);
        }
    }
}
