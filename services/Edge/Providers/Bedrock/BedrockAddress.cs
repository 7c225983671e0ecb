using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Bedrock;

/// <summary>Addresses of Bedrock's runtime. Model ids hold colons and, as ARNs, slashes: they are one escaped segment.</summary>
internal static class BedrockAddress
{
    /// <summary>The public address of a region.</summary>
    public static string BaseUrlOf(string region) =>
        $"https://bedrock-runtime.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}";

    /// <summary>The region that an address of AWS names, or null.</summary>
    public static string? RegionOf(string baseUrl) =>
        Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri)
        && uri.Host.Split('.') is [var service, var region, "amazonaws", ..]
        && service.StartsWith("bedrock", StringComparison.Ordinal)
            ? region
            : null;

    public static Uri? Of(string root, in UpstreamTarget target)
    {
        var method = target.Operation switch
        {
            UpstreamOperation.Chat => target.Stream ? "/converse-stream" : "/converse",
            UpstreamOperation.CountTokens when target.Dialect == DialectId.BedrockConverse => "/count-tokens",
            UpstreamOperation.Embedding when target.Dialect == DialectId.BedrockConverse => "/invoke",
            _ => null,
        };
        return method is null ? null : new Uri($"{root}/model/{Uri.EscapeDataString(target.Model)}{method}", UriKind.Absolute);
    }
}
