namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Logistic regression by FTRL-proximal steps: sparse weights, always the same for the same rows in the same order.</summary>
internal sealed class Logistic(int features, float l1, float l2, float leaveOut)
{
    private readonly Random _random = new(5);
    private int[] _places = [];

    private const float Alpha = 0.3f;
    private const float Beta = 1f;
    private readonly float[] _z = new float[features];
    private readonly float[] _n = new float[features];
    private float _biasGradient;

    public float Bias { get; private set; }

    public float Weight(int feature)
    {
        var z = _z[feature];
        return MathF.Abs(z) <= l1 ? 0 : -(z - (MathF.Sign(z) * l1)) / (((Beta + MathF.Sqrt(_n[feature])) / Alpha) + l2);
    }

    public float Logit(Vector row, int from = 0)
    {
        var sum = Bias;
        for (var i = from; i < row.Keys.Length; i++)
        {
            if (row.Keys[i] >= 0)
            {
                sum += Weight(row.Keys[i]) * row.Values[i];
            }
        }

        return sum;
    }

    /// <summary>One step. Without words the row is to be told from what it says rather than from how it is put.</summary>
    public void Learn(Vector row, float label, float weight, bool withWords)
    {
        var from = withWords ? 0 : row.Words;
        var sum = Bias;
        for (var i = from; i < row.Keys.Length; i++)
        {
            // Each time some words are left out, so that none is leant upon alone.
            if (_places.Length <= i)
            {
                Array.Resize(ref _places, row.Keys.Length);
            }

            _places[i] = row.Keys[i] >= 0 && (i >= row.Words || _random.NextSingle() >= leaveOut) ? row.Keys[i] : -1;
            if (_places[i] >= 0)
            {
                sum += Weight(_places[i]) * row.Values[i];
            }
        }

        var gradient = (Sigmoid(sum) - label) * weight;
        _biasGradient += gradient * gradient;
        Bias -= 0.05f * gradient / MathF.Sqrt(1 + _biasGradient);
        for (var i = from; i < row.Keys.Length; i++)
        {
            var feature = _places[i];
            if (feature < 0)
            {
                continue;
            }

            var g = gradient * row.Values[i];
            var sigma = (MathF.Sqrt(_n[feature] + (g * g)) - MathF.Sqrt(_n[feature])) / Alpha;
            _z[feature] += g - (sigma * Weight(feature));
            _n[feature] += g * g;
        }
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
