namespace Gateway.Edge.Providers.VertexAI;

/// <summary>Whose a model of Vertex AI is: said before the slash (<c>anthropic/claude-…</c>), or told by the name.</summary>
internal static class VertexModel
{
    private static readonly string[] _mistral = ["mistral", "codestral", "ministral", "pixtral", "magistral"];

    public static (string Publisher, string Name) Of(string model)
    {
        var slash = model.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 ? (model[..slash], model[(slash + 1)..])
            : model.StartsWith("claude", StringComparison.Ordinal) ? ("anthropic", model)
            : Array.Exists(_mistral, m => model.StartsWith(m, StringComparison.Ordinal)) ? ("mistralai", model)
            : ("google", model);
    }
}
