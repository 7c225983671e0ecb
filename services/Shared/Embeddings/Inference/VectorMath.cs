using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Gateway.Embeddings.Inference;

/// <summary>The element-wise parts of the encoder. Counts are multiples of 16, which every width of vector divides.</summary>
internal static unsafe class VectorMath
{
    private const float Epsilon = 1e-12f;

    /// <summary>Keeps the step of an all-zero row from being 0.</summary>
    private const float SmallestPeak = 1e-30f;

    /// <summary>Replaces each x by x·Φ(x), Φ by an erf approximation that is within 1.5e-7 (Abramowitz and Stegun 7.1.26).</summary>
    /// <remarks><paramref name="count"/> is a multiple of 16.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, int count)
    {
        var half = Vector.Create(0.5f);
        var inverseRootTwo = Vector.Create(0.70710678f);
        for (var i = 0; i < count; i += Vector<float>.Count)
        {
            var x = Vector.Load(values + i);
            var z = Vector.Abs(x) * inverseRootTwo;
            var t = Vector<float>.One / Vector.MultiplyAddEstimate(z, Vector.Create(0.3275911f), Vector<float>.One);
            var tail = Vector.MultiplyAddEstimate(t, Vector.Create(1.061405429f), Vector.Create(-1.453152027f));
            tail = Vector.MultiplyAddEstimate(t, tail, Vector.Create(1.421413741f));
            tail = Vector.MultiplyAddEstimate(t, tail, Vector.Create(-0.284496736f));
            tail = Vector.MultiplyAddEstimate(t, tail, Vector.Create(0.254829592f));
            tail = tail * t * Exp(-z * z) * half * x;
            Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), x - tail, tail).Store(values + i);
        }
    }

    /// <summary>Replaces each x by exp(x − <paramref name="shift"/>) and returns their sum; <paramref name="count"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpSum(float* values, int count, float shift)
    {
        var offset = Vector.Create(shift);
        var sum = Vector<float>.Zero;
        for (var i = 0; i < count; i += Vector<float>.Count)
        {
            var e = Exp(Vector.Load(values + i) - offset);
            e.Store(values + i);
            sum += e;
        }

        return Vector.Sum(sum);
    }

    /// <summary>Writes x as multiples of a step, the largest being ±<paramref name="largest"/>, and returns the step; <paramref name="count"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantise(float* x, int count, int largest, short* quantised)
    {
        var peak = Vector<float>.Zero;
        for (var i = 0; i < count; i += Vector<float>.Count)
        {
            peak = Vector.Max(peak, Vector.Abs(Vector.Load(x + i)));
        }

        var greatest = Math.Max(TensorPrimitives.Max(new ReadOnlySpan<float>(&peak, Vector<float>.Count)), SmallestPeak);
        var factor = Vector.Create(largest / greatest);
        for (var i = 0; i < count; i += Vector<short>.Count)
        {
            var low = Vector.ConvertToInt32(Vector.Round(Vector.Load(x + i) * factor));
            var high = Vector.ConvertToInt32(Vector.Round(Vector.Load(x + i + Vector<float>.Count) * factor));
            Vector.Narrow(low, high).Store(quantised + i);
        }

        return greatest / largest;
    }

    /// <summary>Normalises <paramref name="row"/> + <paramref name="residual"/> to mean 0 and variance 1, applies gain and bias, and stores it in <paramref name="row"/>.</summary>
    public static void AddAndNormalise(Span<float> row, ReadOnlySpan<float> residual, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias)
    {
        TensorPrimitives.Add(row, residual, row);
        Normalise(row, gain, bias);
    }

    public static void Normalise(Span<float> row, ReadOnlySpan<float> gain, ReadOnlySpan<float> bias)
    {
        TensorPrimitives.Subtract(row, TensorPrimitives.Sum(row) / row.Length, row);
        var deviation = MathF.Sqrt(TensorPrimitives.SumOfSquares(row) / row.Length + Epsilon);
        TensorPrimitives.Multiply(row, 1 / deviation, row);
        TensorPrimitives.MultiplyAdd(row, gain, bias, row);
    }

    /// <summary>e^x for x ≤ 0, within 2e-7 relative; 0 far below. Two halves of ln 2 keep the reduction exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exp(Vector<float> x)
    {
        var low = Vector.Create(-87f);
        var inRange = Vector.Max(x, low);
        var n = Vector.Round(inRange * Vector.Create(1.44269504f));
        var r = Vector.MultiplyAddEstimate(n, Vector.Create(-0.693359375f), inRange);
        r = Vector.MultiplyAddEstimate(n, Vector.Create(2.12194440e-4f), r);
        var p = Vector.MultiplyAddEstimate(r, Vector.Create(1f / 720), Vector.Create(1f / 120));
        p = Vector.MultiplyAddEstimate(r, p, Vector.Create(1f / 24));
        p = Vector.MultiplyAddEstimate(r, p, Vector.Create(1f / 6));
        p = Vector.MultiplyAddEstimate(r, p, Vector.Create(0.5f));
        p = Vector.MultiplyAddEstimate(r, p, Vector<float>.One);
        p = Vector.MultiplyAddEstimate(r, p, Vector<float>.One);
        var power = Vector.AsVectorSingle(Vector.ShiftLeft(Vector.ConvertToInt32(n) + Vector.Create(127), 23));
        return Vector.ConditionalSelect(Vector.GreaterThan(x, low), p * power, Vector<float>.Zero);
    }
}
