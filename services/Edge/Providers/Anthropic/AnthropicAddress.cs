using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Anthropic;

/// <summary>Addresses of Anthropic; the base address names the version.</summary>
internal sealed class AnthropicAddress(string baseUrl)
{
    private readonly Uri _messages = At(baseUrl, "/messages");
    private readonly Uri _betaMessages = At(baseUrl, "/messages?beta=true");
    private readonly Uri _countTokens = At(baseUrl, "/messages/count_tokens");
    private readonly Uri _betaCountTokens = At(baseUrl, "/messages/count_tokens?beta=true");
    private readonly Uri _models = At(baseUrl, "/models");
    private readonly Uri _files = At(baseUrl, "/files");
    private readonly Uri _batches = At(baseUrl, "/messages/batches");

    public Uri? Of(in UpstreamTarget target)
    {
        var address = target.Operation switch
        {
            UpstreamOperation.Chat => target.Beta ? _betaMessages : _messages,
            UpstreamOperation.CountTokens when target.Dialect == DialectId.Anthropic => target.Beta ? _betaCountTokens : _countTokens,
            UpstreamOperation.Models => _models,
            UpstreamOperation.Files => _files,
            UpstreamOperation.Batches => _batches,
            _ => null,
        };
        return address is null || target.Suffix.Length == 0 ? address : new Uri(address.AbsoluteUri + target.Suffix, UriKind.Absolute);
    }

    private static Uri At(string root, string path) => new(root.TrimEnd('/') + path, UriKind.Absolute);
}
