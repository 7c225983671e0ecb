using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gateway.Embeddings.Inference;

/// <summary>The element-wise parts of the encoder.</summary>
internal static unsafe class VectorMath
{
    private const float Epsilon = 1e-12f;

    /// <summary>Keeps the step of an all-zero row from being 0.</summary>
    private const float SmallestPeak = 1e-30f;

    /// <summary>Replaces each x by x·Φ(x), Φ by an erf approximation that is within 1.5e-7 (Abramowitz and Stegun 7.1.26).</summary>
    /// <remarks><paramref name="count"/> is a multiple of 8.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* values, int count)
    {
        var half = Vector256.Create(0.5f);
        var inverseRootTwo = Vector256.Create(0.70710678f);
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            var x = Vector256.Load(values + i);
            var z = Vector256.Abs(x) * inverseRootTwo;
            var t = Vector256<float>.One / Vector256.FusedMultiplyAdd(z, Vector256.Create(0.3275911f), Vector256<float>.One);
            var tail = Vector256.FusedMultiplyAdd(t, Vector256.Create(1.061405429f), Vector256.Create(-1.453152027f));
            tail = Vector256.FusedMultiplyAdd(t, tail, Vector256.Create(1.421413741f));
            tail = Vector256.FusedMultiplyAdd(t, tail, Vector256.Create(-0.284496736f));
            tail = Vector256.FusedMultiplyAdd(t, tail, Vector256.Create(0.254829592f));
            tail = tail * t * Exp(-z * z) * half * x;
            Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), x - tail, tail).Store(values + i);
        }
    }

    /// <summary>Replaces each x by exp(x − <paramref name="shift"/>) and returns their sum; <paramref name="count"/> is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpSum(float* values, int count, float shift)
    {
        var offset = Vector256.Create(shift);
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            var e = Exp(Vector256.Load(values + i) - offset);
            e.Store(values + i);
            sum += e;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>Writes x as multiples of a step, the largest being ±<paramref name="largest"/>, and returns the step; <paramref name="count"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Quantise(float* x, int count, int largest, short* quantised)
    {
        var peak = Vector256<float>.Zero;
        for (var i = 0; i < count; i += Vector256<float>.Count)
        {
            peak = Vector256.Max(peak, Vector256.Abs(Vector256.Load(x + i)));
        }

        var greatest = Math.Max(TensorPrimitives.Max(new ReadOnlySpan<float>(&peak, Vector256<float>.Count)), SmallestPeak);
        var factor = Vector256.Create(largest / greatest);
        for (var i = 0; i < count; i += Vector256<short>.Count)
        {
            var low = Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(x + i) * factor));
            var high = Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(x + i + Vector256<float>.Count) * factor));
            Vector256.Narrow(low, high).Store(quantised + i);
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
    private static Vector256<float> Exp(Vector256<float> x)
    {
        var low = Vector256.Create(-87f);
        var inRange = Vector256.Max(x, low);
        var n = Vector256.Round(inRange * Vector256.Create(1.44269504f));
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), inRange);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.FusedMultiplyAdd(r, Vector256.Create(1f / 720), Vector256.Create(1f / 120));
        p = Vector256.FusedMultiplyAdd(r, p, Vector256.Create(1f / 24));
        p = Vector256.FusedMultiplyAdd(r, p, Vector256.Create(1f / 6));
        p = Vector256.FusedMultiplyAdd(r, p, Vector256.Create(0.5f));
        p = Vector256.FusedMultiplyAdd(r, p, Vector256<float>.One);
        p = Vector256.FusedMultiplyAdd(r, p, Vector256<float>.One);
        var power = Vector256.ShiftLeft(Vector256.ConvertToInt32(n) + Vector256.Create(127), 23).AsSingle();
        return Vector256.ConditionalSelect(Vector256.GreaterThan(x, low), p * power, Vector256<float>.Zero);
    }
}
