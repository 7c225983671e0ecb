namespace Gateway.Edge.Providers.WatsonX;

/// <summary>Addresses of watsonx.ai. A model named <c>deployment/ID</c> is a deployment of a space; all others are named in the body.</summary>
internal sealed class WatsonXAddress(string baseUrl, string? version)
{
    private const string Deployment = "deployment/";

    private readonly string _root = baseUrl.TrimEnd('/');
    private readonly string _query = "?version=" + Uri.EscapeDataString(version ?? "2025-02-06");

    /// <summary>The public address of a region.</summary>
    public static string BaseUrlOf(string region) => $"https://{region}.ml.cloud.ibm.com";

    public static bool IsDeployment(string model) => model.StartsWith(Deployment, StringComparison.Ordinal);

    public Uri? Of(in UpstreamTarget target)
    {
        var path = target.Operation switch
        {
            UpstreamOperation.Chat => target.Stream ? "/text/chat_stream" : "/text/chat",
            UpstreamOperation.Models => "/foundation_model_specs",
            _ => null,
        };
        return path is null ? null
            : new Uri(_root + "/ml/v1" + (IsDeployment(target.Model) ? "/deployments/" + Uri.EscapeDataString(target.Model[Deployment.Length..]) : "") + path + _query, UriKind.Absolute);
    }
}
