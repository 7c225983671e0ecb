namespace Gateway.Tokenizers;

/// <summary>Which encoding a model's texts are counted by.</summary>
public static class ModelEncodings
{
    // The first that fits counts.
    private static readonly (string Prefix, BpeEncoding Encoding)[] _families =
    [
        ("gpt-4o", BpeEncoding.O200kBase),
        ("chatgpt-4o", BpeEncoding.O200kBase),
        ("gpt-4.1", BpeEncoding.O200kBase),
        ("gpt-4.5", BpeEncoding.O200kBase),
        ("gpt-5", BpeEncoding.O200kBase),
        ("gpt-4", BpeEncoding.Cl100kBase),
        ("gpt-3.5", BpeEncoding.Cl100kBase),
        ("gpt-35", BpeEncoding.Cl100kBase),
        ("text-embedding-3", BpeEncoding.Cl100kBase),
        ("text-embedding-ada-002", BpeEncoding.Cl100kBase),
        ("codex-mini", BpeEncoding.O200kBase),
        ("o1", BpeEncoding.O200kBase),
        ("o3", BpeEncoding.O200kBase),
        ("o4", BpeEncoding.O200kBase),
    ];

    /// <summary>The encoding of a model by its name at OpenAI or Azure, a maker's prefix (<c>openai/</c>) or that of a fine-tuned model (<c>ft:</c>) aside.</summary>
    public static BpeEncoding Of(string model)
    {
        var name = model.AsSpan();
        name = name.StartsWith("ft:", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        name = name.StartsWith("openai/", StringComparison.OrdinalIgnoreCase) ? name[7..] : name;
        foreach (var (prefix, encoding) in _families)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && (name.Length == prefix.Length || !char.IsAsciiLetterOrDigit(name[prefix.Length])))
            {
                return encoding;
            }
        }

        return BpeEncoding.None;
    }
}
