using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Embeddings.Tests;

/// <summary>One recorded line: what the original implementation made of a text, with the original and with the int8 weights.</summary>
public sealed record ReferenceLine(string Text, int[] Tokens, [property: JsonPropertyName("float32")] float[] Original, [property: JsonPropertyName("int8")] float[] Quantised)
{
    /// <summary>True for the line whose special-token names the original treats as markup; here they are ordinary text.</summary>
    public bool NamesSpecialTokens => Text.Contains("[CLS]", StringComparison.Ordinal);
}

public static class Reference
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<ReferenceLine> Lines { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "reference.jsonl")).Select(line => JsonSerializer.Deserialize<ReferenceLine>(line, Json)!)];
}

/// <summary>The model is read once for all tests.</summary>
public sealed class Model
{
    public MiniLmEmbeddingGenerator Generator { get; } = new();

    public float[] Embed(string text)
    {
        var vector = new float[MiniLmEmbeddingGenerator.Dimensions];
        Generator.Embed(text, vector, TestContext.Current.CancellationToken);
        return vector;
    }
}
