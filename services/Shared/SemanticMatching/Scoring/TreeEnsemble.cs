namespace Gateway.SemanticMatching.Scoring;

/// <summary>Boosted regression trees. Immutable.</summary>
internal sealed class TreeEnsemble(TreeNode[] nodes, int[] roots, float bias)
{
    private const int MaxNodes = 1 << 20;

    public int Trees => roots.Length;

    /// <summary>Sum over all trees.</summary>
    public double Score(ReadOnlySpan<float> features)
    {
        double sum = bias;
        foreach (var root in roots)
        {
            sum += nodes[Leaf(root, features)].Value;
        }

        return sum;
    }

    /// <summary>Adds to <paramref name="contributions"/> what each feature moved the sum by along the paths that were taken, and answers the rest.</summary>
    public double Explain(ReadOnlySpan<float> features, Span<double> contributions)
    {
        double rest = bias;
        foreach (var root in roots)
        {
            var at = root;
            rest += nodes[at].Value;
            while (nodes[at].Feature >= 0)
            {
                var next = features[nodes[at].Feature] <= nodes[at].Threshold ? nodes[at].Left : nodes[at].Left + 1;
                contributions[nodes[at].Feature] += nodes[next].Value - nodes[at].Value;
                at = next;
            }
        }

        return rest;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(bias);
        writer.Write(roots.Length);
        writer.Write(nodes.Length);
        foreach (var root in roots)
        {
            writer.Write(root);
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            writer.Write((sbyte)nodes[i].Feature);
            writer.Write((Half)nodes[i].Value);
            if (nodes[i].Feature >= 0)
            {
                writer.Write(nodes[i].Threshold);
                writer.Write(checked((ushort)(nodes[i].Left - i)));
            }
        }
    }

    public static TreeEnsemble Read(BinaryReader reader, int features)
    {
        var bias = reader.ReadSingle();
        var (trees, count) = (reader.ReadInt32(), reader.ReadInt32());
        if (trees < 0 || count < 0 || trees > count || count > MaxNodes)
        {
            throw new InvalidDataException("The verifier's weights are damaged: the number of trees cannot be.");
        }

        var roots = new int[trees];
        for (var i = 0; i < trees; i++)
        {
            roots[i] = reader.ReadInt32();
        }

        var nodes = new TreeNode[count];
        for (var i = 0; i < count; i++)
        {
            var feature = reader.ReadSByte();
            var value = (float)reader.ReadHalf();
            nodes[i] = feature < 0 ? new TreeNode(-1, 0, 0, value) : new TreeNode(feature, reader.ReadSingle(), i + reader.ReadUInt16(), value);

            // Children lie behind their parent, so that a walk always ends.
            if (feature >= features || (feature >= 0 && (nodes[i].Left <= i || nodes[i].Left >= count - 1)))
            {
                throw new InvalidDataException("The verifier's weights are damaged: a tree leads nowhere.");
            }
        }

        return Array.TrueForAll(roots, r => r >= 0 && r < count) ? new TreeEnsemble(nodes, roots, bias)
            : throw new InvalidDataException("The verifier's weights are damaged: a tree has no root.");
    }

    private int Leaf(int at, ReadOnlySpan<float> features)
    {
        while (nodes[at].Feature >= 0)
        {
            at = features[nodes[at].Feature] <= nodes[at].Threshold ? nodes[at].Left : nodes[at].Left + 1;
        }

        return at;
    }
}

/// <summary>A node of a tree: a leaf where <paramref name="Feature"/> is negative. The right child lies behind the left one.</summary>
internal readonly record struct TreeNode(int Feature, float Threshold, int Left, float Value);
