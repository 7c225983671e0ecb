namespace Gateway.SemanticMatching.Scoring;

/// <summary>Compares two embeddings of one model value by value, with a learnt weight for each: a cosine that knows which values matter.</summary>
internal sealed class VectorHead(float[] product, float[] distance, float bias)
{
    public int Dimensions => product.Length;

    public float Score(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = bias;
        for (var i = 0; i < product.Length; i++)
        {
            sum += (product[i] * a[i] * b[i]) + (distance[i] * MathF.Abs(a[i] - b[i]));
        }

        return sum;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(product.Length);
        writer.Write(bias);
        foreach (var value in product.Concat(distance))
        {
            writer.Write(value);
        }
    }

    public static VectorHead Read(BinaryReader reader)
    {
        var dimensions = reader.ReadInt32();
        if (dimensions is < 0 or > 8192)
        {
            throw new InvalidDataException("The verifier's weights are damaged: the vectors' dimension cannot be.");
        }

        var bias = reader.ReadSingle();
        return new VectorHead(Floats(reader, dimensions), Floats(reader, dimensions), bias);
    }

    internal static float[] Floats(BinaryReader reader, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = reader.ReadSingle();
        }

        return values;
    }
}
