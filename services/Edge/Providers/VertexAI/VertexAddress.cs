using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Providers.Gemini;

namespace Gateway.Edge.Providers.VertexAI;

/// <summary>Addresses of Vertex AI: below the project and the location, by publisher.</summary>
internal sealed class VertexAddress(ProviderEntry entry)
{
    private readonly string _root = entry.BaseUrl.TrimEnd('/');
    private readonly string _place = $"/projects/{Uri.EscapeDataString(entry.Project ?? "")}/locations/{Uri.EscapeDataString(entry.Region ?? "")}";

    /// <summary>The public address of a location.</summary>
    public static string BaseUrlOf(string location) => location switch
    {
        "global" => "https://aiplatform.googleapis.com",
        "us" or "eu" => $"https://aiplatform.{location}.rep.googleapis.com",
        _ => $"https://{location}-aiplatform.googleapis.com",
    };

    public Uri? Of(in UpstreamTarget target)
    {
        var (publisher, name) = VertexModel.Of(target.Model);
        var model = $"/publishers/{Uri.EscapeDataString(publisher)}/models/{Escape(name)}";
        return publisher switch
        {
            "google" => Google(model, target),
            "anthropic" => target.Operation switch
            {
                UpstreamOperation.Chat => At("v1", model + Raw(target)),
                UpstreamOperation.CountTokens when target.Dialect == DialectId.Anthropic => At("v1", "/publishers/anthropic/models/count-tokens:rawPredict"),
                _ => null,
            },
            "mistralai" => target.Operation == UpstreamOperation.Chat ? At("v1", model + Raw(target)) : null,
            _ => target.Operation == UpstreamOperation.Chat ? At("v1", "/endpoints/openapi/chat/completions") : null,
        };
    }

    private Uri? Google(string model, in UpstreamTarget target) => target is { Operation: UpstreamOperation.Embedding, Dialect: DialectId.Gemini }
        ? At("v1", model + ":predict")
        : GeminiAddress.Of(model, target) is { } path ? At("v1beta1", path) : null;

    private Uri At(string version, string path) => new(
        _root + (_root.EndsWith("/v1", StringComparison.Ordinal) || _root.EndsWith("/v1beta1", StringComparison.Ordinal) ? "" : "/" + (entry.ApiVersion ?? version)) + _place + path,
        UriKind.Absolute);

    private static string Raw(in UpstreamTarget target) => target.Stream ? ":streamRawPredict" : ":rawPredict";

    // The @ before a model's version stays as Google writes it.
    private static string Escape(string name) => Uri.EscapeDataString(name).Replace("%40", "@", StringComparison.Ordinal);
}
