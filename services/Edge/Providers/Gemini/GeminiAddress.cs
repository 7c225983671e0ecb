using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Gemini;

/// <summary>Methods of a Gemini model. Streams are asked for as server-sent events.</summary>
internal static class GeminiAddress
{
    /// <summary>The model's resource name, escaped: <c>models/NAME</c>, or as it is where the kind of resource is named (<c>tunedModels/NAME</c>).</summary>
    public static string Resource(string model) => string.Join(
        '/', (model.StartsWith("models/", StringComparison.Ordinal) || model.StartsWith("tunedModels/", StringComparison.Ordinal) ? model : "models/" + model).Split('/').Select(Uri.EscapeDataString));

    /// <summary>The address of an operation on a model, or null when there is none.</summary>
    /// <param name="model">Address of the model.</param>
    /// <param name="target">What is asked for.</param>
    public static string? Of(string model, in UpstreamTarget target) => target.Operation switch
    {
        UpstreamOperation.Chat => model + (target.Stream ? ":streamGenerateContent?alt=sse" : ":generateContent"),
        UpstreamOperation.CountTokens when target.Dialect == DialectId.Gemini => model + ":countTokens",
        UpstreamOperation.Embedding when target.Dialect == DialectId.Gemini => model + (target.Suffix.Length > 0 ? target.Suffix : ":batchEmbedContents"),
        _ => null,
    };
}
