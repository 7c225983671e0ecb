namespace Gateway.SemanticMatching.Scoring;

/// <summary>Trees whose sum is made a calibrated log-odds by a line.</summary>
internal sealed class CalibratedTrees(TreeEnsemble trees, float slope, float intercept)
{
    public double LogOdds(ReadOnlySpan<float> features) => (slope * trees.Score(features)) + intercept;

    public double[] Explain(ReadOnlySpan<float> features)
    {
        var contributions = new double[features.Length];
        trees.Explain(features, contributions);
        for (var i = 0; i < contributions.Length; i++)
        {
            contributions[i] *= slope;
        }

        return contributions;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(slope);
        writer.Write(intercept);
        trees.Write(writer);
    }

    public static CalibratedTrees Read(BinaryReader reader, int features)
    {
        var (slope, intercept) = (reader.ReadSingle(), reader.ReadSingle());
        return new CalibratedTrees(TreeEnsemble.Read(reader, features), slope, intercept);
    }
}
