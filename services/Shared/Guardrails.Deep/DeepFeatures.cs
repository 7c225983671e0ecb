using Gateway.Embeddings;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Guardrails.Deep;

/// <summary>What the head is shown of a text: the fast tier's figures, the vector of the window and that of the sentence that looks most like an attack.</summary>
internal static class DeepFeatures
{
    /// <summary>Figures that are no part of a vector.</summary>
    public const int Figures = 8;

    /// <summary>All of them.</summary>
    public const int Count = Figures + (2 * MiniLmEmbeddingGenerator.Dimensions);

    /// <summary>Tokens of the window that are read; with the sentence they bound what a text costs.</summary>
    public const int WindowTokens = 128;

    /// <summary>Characters of the sentence that are read.</summary>
    public const int SentenceCharacters = 160;

    // Vectors have a length of 1, so each value is small; the head learns as fast from them as from the figures.
    private const float VectorScale = 6;

    /// <summary>From this margin of the fast tier on, and below its threshold, a text is looked at more closely: what the fast tier found stays found.</summary>
    public const float Lowest = -2.5f;

    public static bool IsUnsure(float margin) => margin is >= Lowest and < 0;

    /// <summary>Writes the fast tier's figures.</summary>
    public static void WriteFigures(Span<float> features, float margin, float window, float best, float second, float mean, int sentences, bool isData)
    {
        features[0] = 1;
        features[1] = margin;
        features[2] = Math.Clamp(window, -8, 8) / 2;
        features[3] = Math.Clamp(best, -8, 8) / 2;
        features[4] = Math.Clamp(second, -8, 8) / 2;
        features[5] = Math.Clamp(mean, -8, 8) / 2;
        features[6] = MathF.Log2(1 + sentences) / 2;
        features[7] = isData ? 1 : 0;
    }

    /// <summary>Encodes a text and writes its vectors.</summary>
    public static void WriteVectors(MiniLmEmbeddingGenerator encoder, string text, in FastReading reading, Span<float> features, CancellationToken cancellationToken)
    {
        var window = features.Slice(Figures, MiniLmEmbeddingGenerator.Dimensions);
        var sentence = features.Slice(Figures + MiniLmEmbeddingGenerator.Dimensions, MiniLmEmbeddingGenerator.Dimensions);
        encoder.Embed(text.AsSpan(reading.Start, reading.Length), window, cancellationToken);
        if (reading.SentenceLength == 0 || reading.SentenceLength >= reading.Length - 2)
        {
            window.CopyTo(sentence);
        }
        else
        {
            encoder.Embed(text.AsSpan(reading.SentenceStart, Math.Min(reading.SentenceLength, SentenceCharacters)), sentence, cancellationToken);
        }

        foreach (ref var value in features.Slice(Figures, 2 * MiniLmEmbeddingGenerator.Dimensions))
        {
            value *= VectorScale;
        }
    }
}
