using System.Buffers;
using System.Numerics.Tensors;

namespace Gateway.Embeddings.Inference;

/// <summary>Turns the tokens of texts into unit vectors. Immutable, so any number of threads may use one.</summary>
internal sealed unsafe class MiniLmEncoder
{
    private const int Width = EncoderShape.Width;

    /// <summary>Rows of the feed-forward worked on at a time: their wide intermediate stays in the second-level cache.</summary>
    private const int FeedForwardRows = 64;

    private readonly InputEmbeddings _input;
    private readonly EncoderLayer[] _layers;

    private MiniLmEncoder(SafetensorsFile file)
    {
        _input = InputEmbeddings.Load(file);
        _layers = [.. Enumerable.Range(0, EncoderShape.Layers).Select(layer => EncoderLayer.Load(file, layer))];
    }

    public static MiniLmEncoder Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return new MiniLmEncoder(file);
    }

    /// <summary>Encodes texts whose tokens follow one another without padding.</summary>
    /// <param name="tokens">The ids of all texts.</param>
    /// <param name="lengths">Tokens of each text, 1 to 512; they add up to the length of <paramref name="tokens"/>.</param>
    /// <param name="vectors">Receives 384 values a text.</param>
    /// <param name="cancellationToken">Looked at before every layer.</param>
    public void Encode(ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, Span<float> vectors, CancellationToken cancellationToken)
    {
        var rows = PackedMatrix.PadRows(tokens.Length);
        var blockRows = Math.Min(rows, FeedForwardRows);
        var attentionSize = Attention.ScratchSize(TensorPrimitives.Max(lengths));
        // Hidden state, sublayer output, and either query/key/value with attention scratch or a block of the feed-forward.
        var wide = Math.Max(rows * 3 * Width + attentionSize, blockRows * EncoderShape.FeedForward);
        var product = Math.Max(PackedMatrix.ScratchSize(rows, Width), PackedMatrix.ScratchSize(blockRows, EncoderShape.FeedForward));
        var scratch = ArrayPool<float>.Shared.Rent(2 * rows * Width + product + wide);
        try
        {
            fixed (float* hidden = scratch)
            {
                var areas = new Areas(hidden, hidden + rows * Width, hidden + 2 * rows * Width, hidden + 2 * rows * Width + product);
                Begin(tokens, lengths, hidden, rows);
                foreach (var layer in _layers)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Apply(layer, lengths, tokens.Length, rows, areas);
                }

                Pool(lengths, hidden, vectors);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private void Begin(ReadOnlySpan<int> tokens, ReadOnlySpan<int> lengths, float* hidden, int rows)
    {
        var row = 0;
        foreach (var length in lengths)
        {
            for (var position = 0; position < length; position++, row++)
            {
                _input.Write(tokens[row], position, new Span<float>(hidden + row * Width, Width));
            }
        }

        // Rented memory may hold anything; what the padding rows yield is never read, but must not be slow to compute.
        new Span<float>(hidden + row * Width, (rows - row) * Width).Clear();
    }

    private static void Apply(EncoderLayer layer, ReadOnlySpan<int> lengths, int tokens, int rows, Areas areas)
    {
        var hidden = areas.Hidden;
        var sublayer = areas.Sublayer;
        var product = areas.Product;
        var wide = areas.Wide;
        layer.QueryKeyValue.Multiply(hidden, rows, wide, product);
        var row = 0;
        foreach (var length in lengths)
        {
            Attention.Run(wide + row * 3 * Width, length, sublayer + row * Width, wide + rows * 3 * Width);
            row += length;
        }

        new Span<float>(sublayer + row * Width, (rows - row) * Width).Clear();
        layer.AttentionOutput.Multiply(sublayer, rows, wide, product);
        AddAndNormalise(hidden, wide, tokens, layer.AttentionGain, layer.AttentionBias);

        for (var start = 0; start < rows; start += FeedForwardRows)
        {
            var count = Math.Min(FeedForwardRows, rows - start);
            layer.Expand.Multiply(hidden + start * Width, count, wide, product);
            VectorMath.Gelu(wide, count * EncoderShape.FeedForward);
            layer.Contract.Multiply(wide, count, sublayer + start * Width, product);
        }

        AddAndNormalise(hidden, sublayer, tokens, layer.OutputGain, layer.OutputBias);
    }

    private static void AddAndNormalise(float* hidden, float* sublayer, int tokens, float[] gain, float[] bias)
    {
        for (var row = 0; row < tokens; row++)
        {
            VectorMath.AddAndNormalise(new Span<float>(hidden + row * Width, Width), new ReadOnlySpan<float>(sublayer + row * Width, Width), gain, bias);
        }
    }

    private static void Pool(ReadOnlySpan<int> lengths, float* hidden, Span<float> vectors)
    {
        var row = hidden;
        for (var text = 0; text < lengths.Length; text++)
        {
            var vector = vectors.Slice(text * Width, Width);
            vector.Clear();
            for (var token = 0; token < lengths[text]; token++, row += Width)
            {
                TensorPrimitives.Add(vector, new ReadOnlySpan<float>(row, Width), vector);
            }

            // The mean and the sum point the same way, so the division by the count is the norm's.
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        }
    }

    /// <summary>Parts of the scratch memory: the hidden state, a sublayer's output, what a product needs, and the wide intermediates.</summary>
    private readonly struct Areas(float* hidden, float* sublayer, float* product, float* wide)
    {
        public readonly float* Hidden = hidden;
        public readonly float* Sublayer = sublayer;
        public readonly float* Product = product;
        public readonly float* Wide = wide;
    }
}
