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
    private readonly float[] _weights = new float[features];
    private readonly float[] _sums = new float[features];
    private float _biasSum;
    private int _summed;
    private float _biasGradient;

    public float Bias { get; private set; }

    public float Weight(int feature) => _weights[feature];

    /// <summary>Takes the weights as they are into the average.</summary>
    public void Keep()
    {
        for (var i = 0; i < features; i++)
        {
            _sums[i] += _weights[i];
        }

        _biasSum += Bias;
        _summed++;
    }

    /// <summary>Goes over to the average of what was kept: the last steps of one run are chance.</summary>
    public void Settle()
    {
        for (var i = 0; i < features; i++)
        {
            _weights[i] = _sums[i] / _summed;
        }

        Bias = _biasSum / _summed;
    }

    public float Logit(Vector row, int from = 0)
    {
        var sum = Bias;
        for (var i = from; i < row.Keys.Length; i++)
        {
            if (row.Keys[i] >= 0)
            {
                sum += _weights[row.Keys[i]] * row.Values[i];
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
                sum += _weights[_places[i]] * row.Values[i];
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
            var (root, before) = (MathF.Sqrt(_n[feature] + (g * g)), MathF.Sqrt(_n[feature]));
            var z = _z[feature] += g - ((root - before) / Alpha * _weights[feature]);
            _n[feature] += g * g;
            _weights[feature] = MathF.Abs(z) <= l1 ? 0 : -(z - (MathF.Sign(z) * l1)) / (((Beta + root) / Alpha) + l2);
        }
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
