using System.Numerics.Tensors;

namespace Gateway.Embeddings.Inference;

/// <summary>The first step of the encoder: word, position and token type added up and normalised.</summary>
internal sealed class InputEmbeddings
{
    private const int Width = EncoderShape.Width;

    private readonly sbyte[] _words;
    private readonly float[] _wordScales;
    private readonly float[] _positions;
    private readonly float[] _gain;
    private readonly float[] _bias;

    private InputEmbeddings(SafetensorsFile file)
    {
        _words = file.Matrix("embeddings.word_embeddings.weight", EncoderShape.Vocabulary, Width);
        _wordScales = file.Vector("embeddings.word_embeddings.weight.scale", EncoderShape.Vocabulary);
        _gain = file.Vector("embeddings.LayerNorm.weight", Width);
        _bias = file.Vector("embeddings.LayerNorm.bias", Width);
        // A sentence encoder has one token type only, so its row is added to the positions once and for all.
        var type = Dequantise(file, "embeddings.token_type_embeddings.weight", 2).AsSpan(0, Width);
        _positions = Dequantise(file, "embeddings.position_embeddings.weight", EncoderShape.Positions);
        for (var position = 0; position < EncoderShape.Positions; position++)
        {
            var row = _positions.AsSpan(position * Width, Width);
            TensorPrimitives.Add(row, type, row);
        }
    }

    public static InputEmbeddings Load(SafetensorsFile file) => new(file);

    public void Write(int token, int position, Span<float> row)
    {
        var word = _words.AsSpan(token * Width, Width);
        TensorPrimitives.ConvertTruncating<sbyte, float>(word, row);
        TensorPrimitives.MultiplyAdd(row, _wordScales[token], _positions.AsSpan(position * Width, Width), row);
        VectorMath.Normalise(row, _gain, _bias);
    }

    private static float[] Dequantise(SafetensorsFile file, string name, int rows)
    {
        var quantised = file.Matrix(name, rows, Width);
        var scales = file.Vector(name + ".scale", rows);
        var values = new float[quantised.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = quantised[i] * scales[i / Width];
        }

        return values;
    }
}
