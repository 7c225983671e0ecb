using System.Buffers;

namespace Gateway.Embeddings.Inference;

/// <summary>The weights of one layer.</summary>
internal sealed class EncoderLayer
{
    private const int Width = EncoderShape.Width;

    private EncoderLayer(SafetensorsFile file, string prefix)
    {
        var attention = prefix + "attention.";
        QueryKeyValue = new PackedMatrix(Width, 3 * Width);
        // The attention's 1/√(head size) is part of the query weights, which saves scaling every score.
        Fill(QueryKeyValue, 0, file, attention + "self.query", Width, Width, 1 / MathF.Sqrt(EncoderShape.HeadSize));
        Fill(QueryKeyValue, Width, file, attention + "self.key", Width, Width);
        Fill(QueryKeyValue, 2 * Width, file, attention + "self.value", Width, Width);
        AttentionOutput = Single(file, attention + "output.dense", Width, Width);
        AttentionGain = file.Vector(attention + "output.LayerNorm.weight", Width);
        AttentionBias = file.Vector(attention + "output.LayerNorm.bias", Width);
        Expand = Single(file, prefix + "intermediate.dense", Width, EncoderShape.FeedForward);
        Contract = Single(file, prefix + "output.dense", EncoderShape.FeedForward, Width);
        OutputGain = file.Vector(prefix + "output.LayerNorm.weight", Width);
        OutputBias = file.Vector(prefix + "output.LayerNorm.bias", Width);
    }

    public PackedMatrix QueryKeyValue { get; }

    public PackedMatrix AttentionOutput { get; }

    public float[] AttentionGain { get; }

    public float[] AttentionBias { get; }

    public PackedMatrix Expand { get; }

    public PackedMatrix Contract { get; }

    public float[] OutputGain { get; }

    public float[] OutputBias { get; }

    public static EncoderLayer Load(SafetensorsFile file, int layer) => new(file, $"encoder.layer.{layer}.");

    private static PackedMatrix Single(SafetensorsFile file, string name, int inputs, int outputs)
    {
        var matrix = new PackedMatrix(inputs, outputs);
        Fill(matrix, 0, file, name, inputs, outputs);
        return matrix;
    }

    private static void Fill(PackedMatrix matrix, int firstOutput, SafetensorsFile file, string name, int inputs, int outputs, float factor = 1)
    {
        var buffer = ArrayPool<sbyte>.Shared.Rent(inputs * outputs);
        var weights = buffer.AsSpan(0, inputs * outputs);
        file.Matrix(name + ".weight", outputs, inputs, weights);
        matrix.Fill(firstOutput, weights, file.Vector(name + ".weight.scale", outputs), file.Vector(name + ".bias", outputs), factor);
        ArrayPool<sbyte>.Shared.Return(buffer);
    }
}
