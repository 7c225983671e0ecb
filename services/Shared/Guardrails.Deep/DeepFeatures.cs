using System.Numerics.Tensors;
using Gateway.Embeddings;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Guardrails.Deep;

/// <summary>What the head is shown of a text: the fast tier's figures, and the vector of the sentence that looks most like an attack with what is around it.</summary>
internal static class DeepFeatures
{
    /// <summary>Figures that are no part of a vector.</summary>
    public const int Figures = 9;

    /// <summary>All of them.</summary>
    public const int Count = Figures + MiniLmEmbeddingGenerator.Dimensions;

    // Vectors have a length of 1, so each value is small; the head learns as fast from them as from the figures.
    private const float VectorScale = 6;

    /// <summary>From this margin of the fast tier on, and below its threshold, a text is looked at more closely: what the fast tier found stays found.</summary>
    public const float Lowest = -2.5f;

    public static bool IsUnsure(float margin) => margin is >= Lowest and < 0;

    /// <summary>Writes the fast tier's figures.</summary>
    public static void WriteFigures(Span<float> features, float margin, float window, float frame, float best, float second, float mean, int sentences, bool isData)
    {
        features[0] = 1;
        features[1] = margin;
        features[2] = Math.Clamp(window, -8, 8) / 2;
        features[3] = Math.Clamp(best, -8, 8) / 2;
        features[4] = Math.Clamp(second, -8, 8) / 2;
        features[5] = Math.Clamp(mean, -8, 8) / 2;
        features[6] = MathF.Log2(1 + sentences) / 2;
        features[7] = isData ? 1 : 0;
        features[8] = Math.Clamp(frame, -8, 8) / 2;
    }

    /// <summary>Encodes a text and writes its vector.</summary>
    public static void WriteVector(MiniLmEmbeddingGenerator encoder, string text, in FastReading reading, Span<float> features, CancellationToken cancellationToken)
    {
        Span<int> tokens = stackalloc int[DeepSequence.MostTokens];
        tokens = tokens[..DeepSequence.Write(encoder.Tokenizer, text, reading, tokens)];
        var vector = features.Slice(Figures, MiniLmEmbeddingGenerator.Dimensions);
        encoder.Encoder.Encode(tokens, [tokens.Length], vector, cancellationToken);
        TensorPrimitives.Multiply(vector, VectorScale, vector);
    }
}
