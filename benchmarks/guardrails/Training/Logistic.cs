namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Logistic regression by FTRL-proximal steps: sparse weights, always the same for the same rows in the same order.</summary>
internal sealed class Logistic(int features, float l1, float l2, float leaveOut, int seed)
{
    private const float Alpha = 0.3f;
    private const float Beta = 1f;

    private readonly Random _random = new(5 + seed);

    // All that belongs to a feature lies together: a step touches one line of the processor's cache for each, and nothing else takes so long.
    private readonly Cell[] _cells = new Cell[features];
    private int[] _places = [];
    private float _biasSum;
    private int _summed;
    private float _biasGradient;

    public float Bias { get; private set; }

    public float Weight(int feature) => _cells[feature].Weight;

    /// <summary>Takes the weights as they are into the average.</summary>
    public void Keep()
    {
        foreach (ref var cell in _cells.AsSpan())
        {
            cell.Sum += cell.Weight;
        }

        _biasSum += Bias;
        _summed++;
    }

    /// <summary>Takes what another one kept into the average.</summary>
    public void Join(Logistic other)
    {
        for (var i = 0; i < _cells.Length; i++)
        {
            _cells[i].Sum += other._cells[i].Sum;
        }

        _biasSum += other._biasSum;
        _summed += other._summed;
    }

    /// <summary>Goes over to the average of what was kept: the last steps of one run are chance.</summary>
    public void Settle()
    {
        foreach (ref var cell in _cells.AsSpan())
        {
            cell.Weight = cell.Sum / _summed;
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
                sum += _cells[row.Keys[i]].Weight * row.Values[i];
            }
        }

        return sum;
    }

    /// <summary>One step. Without words the row is to be told from what it says rather than from how it is put.</summary>
    public void Learn(Vector row, float label, float weight, bool withWords)
    {
        var from = withWords ? 0 : row.Words;
        if (_places.Length < row.Keys.Length)
        {
            Array.Resize(ref _places, row.Keys.Length);
        }

        var sum = Bias;
        for (var i = from; i < row.Keys.Length; i++)
        {
            // Each time some words are left out, so that none is leant upon alone.
            _places[i] = row.Keys[i] >= 0 && (i >= row.Words || _random.NextSingle() >= leaveOut) ? row.Keys[i] : -1;
            if (_places[i] >= 0)
            {
                sum += _cells[_places[i]].Weight * row.Values[i];
            }
        }

        var gradient = (Sigmoid(sum) - label) * weight;
        _biasGradient += gradient * gradient;
        Bias -= 0.05f * gradient / MathF.Sqrt(1 + _biasGradient);
        for (var i = from; i < row.Keys.Length; i++)
        {
            if (_places[i] >= 0)
            {
                Step(ref _cells[_places[i]], gradient * row.Values[i]);
            }
        }
    }

    private void Step(ref Cell cell, float gradient)
    {
        var root = MathF.Sqrt(cell.Squares + (gradient * gradient));
        cell.Z += gradient - ((root - cell.Root) / Alpha * cell.Weight);
        cell.Squares += gradient * gradient;
        cell.Root = root;
        cell.Weight = MathF.Abs(cell.Z) <= l1 ? 0 : -(cell.Z - (MathF.Sign(cell.Z) * l1)) / (((Beta + root) / Alpha) + l2);
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    private struct Cell
    {
        public float Weight;
        public float Z;
        public float Squares;
        public float Root;
        public float Sum;
    }
}
