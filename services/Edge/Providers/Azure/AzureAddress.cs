using Gateway.Dialects.Chat;
using Gateway.Edge.Providers.OpenAI;

namespace Gateway.Edge.Providers.Azure;

/// <summary>
/// Addresses of Azure OpenAI. Without a dated version the v1 paths (<c>/openai/v1/chat/completions</c>), which name the deployment in the body; with one, those of
/// the deployment (<c>/openai/deployments/NAME/chat/completions?api-version=2024-10-21</c>).
/// </summary>
internal sealed class AzureAddress
{
    private readonly string _root;
    private readonly string _query;

    public AzureAddress(string baseUrl, string? apiVersion)
    {
        var root = baseUrl.TrimEnd('/');
        var saysV1 = root.EndsWith("/v1", StringComparison.Ordinal);
        root = Without(Without(root, "/v1"), "/openai");
        IsV1 = saysV1 || apiVersion is null or "v1" or "preview" or "latest";
        _root = root + (IsV1 ? "/openai/v1" : "/openai");
        _query = apiVersion is null or "v1" ? "" : "?api-version=" + Uri.EscapeDataString(apiVersion);
    }

    public bool IsV1 { get; }

    public Uri? Of(in UpstreamTarget target)
    {
        if (OpenAIPaths.Of(target) is not { } path)
        {
            return null;
        }

        // Responses, files and batches are the resource's, not a deployment's.
        var ofDeployment = !IsV1 && target.Operation switch
        {
            UpstreamOperation.Chat => target.Dialect != DialectId.OpenAIResponses,
            UpstreamOperation.Files or UpstreamOperation.Batches or UpstreamOperation.Models or UpstreamOperation.Realtime or UpstreamOperation.CountTokens => false,
            _ => true,
        };
        var middle = ofDeployment ? "/deployments/" + Uri.EscapeDataString(target.Model) : "";
        var query = _query.Length > 0 && target.Suffix.Contains('?', StringComparison.Ordinal) ? "&" + _query[1..] : _query;
        return new Uri(_root + middle + path + target.Suffix + query, UriKind.Absolute);
    }

    private static string Without(string text, string end) => text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text;
}
