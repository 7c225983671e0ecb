using System.Numerics.Tensors;

namespace Gateway.Benchmarks.SemCache.Training;

/// <summary>Logistic regressions, fitted by accelerated gradient descent from zero: the same data give the same weights.</summary>
internal static class Logistic
{
    /// <summary>Dense rows; the last weight is the bias and is not held back.</summary>
    public static float[] Dense(IReadOnlyList<float[]> rows, IReadOnlyList<bool> labels, float l2, int steps)
    {
        var width = rows[0].Length;
        var (weights, look, gradient) = (new float[width + 1], new float[width + 1], new float[width + 1]);
        var previous = new float[width + 1];

        // One over the largest curvature: a quarter of the largest mean square of a row.
        var rate = 1 / ((0.25f * rows.Average(static r => TensorPrimitives.SumOfSquares(r)) * 1.2f) + 0.3f + l2);
        for (var step = 0; step < steps; step++)
        {
            gradient.AsSpan().Clear();
            for (var i = 0; i < rows.Count; i++)
            {
                var error = Sigmoid(TensorPrimitives.Dot<float>(rows[i], look.AsSpan(0, width)) + look[width]) - (labels[i] ? 1 : 0);
                TensorPrimitives.MultiplyAdd(rows[i], error, gradient.AsSpan(0, width), gradient.AsSpan(0, width));
                gradient[width] += error;
            }

            weights.CopyTo(previous, 0);
            var momentum = step / (step + 3f);
            for (var j = 0; j <= width; j++)
            {
                weights[j] = look[j] - (rate * ((gradient[j] / rows.Count) + (j < width ? l2 * look[j] : 0)));
                look[j] = weights[j] + (momentum * (weights[j] - previous[j]));
            }
        }

        return weights;
    }

    /// <summary>Rows of slots that are one; the last weight is the bias. By rows in order, each slot with its own rate.</summary>
    public static float[] Sparse(IReadOnlyList<int[]> rows, IReadOnlyList<bool> labels, int slots, float l2, int rounds)
    {
        var weights = new float[slots + 1];
        var squares = new float[slots + 1];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var sum = weights[slots];
                foreach (var slot in rows[i])
                {
                    sum += weights[slot];
                }

                var error = Sigmoid(sum) - (labels[i] ? 1 : 0);
                foreach (var slot in rows[i].Append(slots))
                {
                    var gradient = error + (slot < slots ? l2 * weights[slot] : 0);
                    squares[slot] += gradient * gradient;
                    weights[slot] -= 0.15f * gradient / (1e-3f + MathF.Sqrt(squares[slot]));
                }
            }
        }

        return weights;
    }

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
