namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Fits the second tier's head: logistic regression by stochastic gradient, always the same for the same rows.</summary>
internal static class DeepFit
{
    private const int Epochs = 40;
    private const float Rate = 0.01f;
    private const float L2 = 0.01f;
    private const float FamilySize = 150;

    public static float[] To(IEnumerable<DeepRow> from)
    {
        var rows = from.ToArray();
        var sizes = Example.SizesOf(rows.Select(static r => r.Score.Example));
        var weights = new float[Gateway.Guardrails.Deep.DeepFeatures.Count];

        // To begin with the fast tier's margin decides.
        weights[1] = 1;
        var random = new Random(11);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(rows);
            var rate = Rate / (1 + (0.15f * epoch));
            foreach (var row in rows)
            {
                var weight = Math.Clamp(FamilySize / sizes[row.Score.Example.Family], 0.15f, 2f);
                var features = row.Features!;
                var gradient = rate * weight * (Logistic.Sigmoid(Logit(weights, features)) - (row.Score.Example.IsAttack ? 1 : 0));
                for (var i = 0; i < weights.Length; i++)
                {
                    weights[i] -= (gradient * features[i]) + (i >= Gateway.Guardrails.Deep.DeepFeatures.Figures ? rate * L2 * weights[i] : 0);
                }
            }
        }

        return weights;
    }

    public static float Logit(ReadOnlySpan<float> weights, ReadOnlySpan<float> features) => System.Numerics.Tensors.TensorPrimitives.Dot(weights, features);
}
