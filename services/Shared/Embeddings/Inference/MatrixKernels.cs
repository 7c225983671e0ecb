using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Gateway.Embeddings.Inference;

/// <summary>
/// The inner loops of the matrix product: int16 inputs times int8 weights, two inputs of every output at a time, summed in int32
/// without loss. One multiplication does twice what it would in float32, memory traffic stays at a byte a weight, and a row's
/// result depends neither on the rows it is computed with nor on the width of the machine's registers.
/// Written out because the sums must be separate locals to live in registers.
/// </summary>
internal static unsafe class MatrixKernels
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 32;

    /// <summary>8 rows by 32 outputs, in 16 registers of 512 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EightRows(short* x, float* steps, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        Vector512<int> a0 = default, b0 = default;
        Vector512<int> a1 = default, b1 = default;
        Vector512<int> a2 = default, b2 = default;
        Vector512<int> a3 = default, b3 = default;
        Vector512<int> a4 = default, b4 = default;
        Vector512<int> a5 = default, b5 = default;
        Vector512<int> a6 = default, b6 = default;
        Vector512<int> a7 = default, b7 = default;
        var pairs = (nint)inputs / 2;
        var x0 = (int*)x;
        var x1 = x0 + pairs;
        var x2 = x0 + 2 * pairs;
        var x3 = x0 + 3 * pairs;
        var x4 = x0 + 4 * pairs;
        var x5 = x0 + 5 * pairs;
        var x6 = x0 + 6 * pairs;
        var x7 = x0 + 7 * pairs;
        for (nint i = 0; i < pairs; i++, panel += 2 * PanelWidth)
        {
            var left = Widen512(panel);
            var right = Widen512(panel + 32);
            var v0 = Vector512.Create(x0[i]).AsInt16();
            a0 += PairSums(v0, left);
            b0 += PairSums(v0, right);
            var v1 = Vector512.Create(x1[i]).AsInt16();
            a1 += PairSums(v1, left);
            b1 += PairSums(v1, right);
            var v2 = Vector512.Create(x2[i]).AsInt16();
            a2 += PairSums(v2, left);
            b2 += PairSums(v2, right);
            var v3 = Vector512.Create(x3[i]).AsInt16();
            a3 += PairSums(v3, left);
            b3 += PairSums(v3, right);
            var v4 = Vector512.Create(x4[i]).AsInt16();
            a4 += PairSums(v4, left);
            b4 += PairSums(v4, right);
            var v5 = Vector512.Create(x5[i]).AsInt16();
            a5 += PairSums(v5, left);
            b5 += PairSums(v5, right);
            var v6 = Vector512.Create(x6[i]).AsInt16();
            a6 += PairSums(v6, left);
            b6 += PairSums(v6, right);
            var v7 = Vector512.Create(x7[i]).AsInt16();
            a7 += PairSums(v7, left);
            b7 += PairSums(v7, right);
        }

        Finish(a0, b0, steps[0], factors, outputs, y);
        Finish(a1, b1, steps[1], factors, outputs, y + outputs);
        Finish(a2, b2, steps[2], factors, outputs, y + 2 * (nint)outputs);
        Finish(a3, b3, steps[3], factors, outputs, y + 3 * (nint)outputs);
        Finish(a4, b4, steps[4], factors, outputs, y + 4 * (nint)outputs);
        Finish(a5, b5, steps[5], factors, outputs, y + 5 * (nint)outputs);
        Finish(a6, b6, steps[6], factors, outputs, y + 6 * (nint)outputs);
        Finish(a7, b7, steps[7], factors, outputs, y + 7 * (nint)outputs);
    }

    /// <summary>4 rows by 32 outputs, for what the kernel of 8 leaves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRowsWide(short* x, float* steps, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        Vector512<int> a0 = default, b0 = default;
        Vector512<int> a1 = default, b1 = default;
        Vector512<int> a2 = default, b2 = default;
        Vector512<int> a3 = default, b3 = default;
        var pairs = (nint)inputs / 2;
        var x0 = (int*)x;
        var x1 = x0 + pairs;
        var x2 = x0 + 2 * pairs;
        var x3 = x0 + 3 * pairs;
        for (nint i = 0; i < pairs; i++, panel += 2 * PanelWidth)
        {
            var left = Widen512(panel);
            var right = Widen512(panel + 32);
            var v0 = Vector512.Create(x0[i]).AsInt16();
            a0 += PairSums(v0, left);
            b0 += PairSums(v0, right);
            var v1 = Vector512.Create(x1[i]).AsInt16();
            a1 += PairSums(v1, left);
            b1 += PairSums(v1, right);
            var v2 = Vector512.Create(x2[i]).AsInt16();
            a2 += PairSums(v2, left);
            b2 += PairSums(v2, right);
            var v3 = Vector512.Create(x3[i]).AsInt16();
            a3 += PairSums(v3, left);
            b3 += PairSums(v3, right);
        }

        Finish(a0, b0, steps[0], factors, outputs, y);
        Finish(a1, b1, steps[1], factors, outputs, y + outputs);
        Finish(a2, b2, steps[2], factors, outputs, y + 2 * (nint)outputs);
        Finish(a3, b3, steps[3], factors, outputs, y + 3 * (nint)outputs);
    }

    /// <summary>4 rows by 16 outputs, in 8 registers of 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(short* x, float* steps, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        Vector256<int> a0 = default, b0 = default;
        Vector256<int> a1 = default, b1 = default;
        Vector256<int> a2 = default, b2 = default;
        Vector256<int> a3 = default, b3 = default;
        var pairs = (nint)inputs / 2;
        var x0 = (int*)x;
        var x1 = x0 + pairs;
        var x2 = x0 + 2 * pairs;
        var x3 = x0 + 3 * pairs;
        for (nint i = 0; i < pairs; i++, panel += 2 * PanelWidth)
        {
            var left = Widen256(panel);
            var right = Widen256(panel + 16);
            var v0 = Vector256.Create(x0[i]).AsInt16();
            a0 += PairSums(v0, left);
            b0 += PairSums(v0, right);
            var v1 = Vector256.Create(x1[i]).AsInt16();
            a1 += PairSums(v1, left);
            b1 += PairSums(v1, right);
            var v2 = Vector256.Create(x2[i]).AsInt16();
            a2 += PairSums(v2, left);
            b2 += PairSums(v2, right);
            var v3 = Vector256.Create(x3[i]).AsInt16();
            a3 += PairSums(v3, left);
            b3 += PairSums(v3, right);
        }

        Finish(a0, b0, steps[0], factors, outputs, y);
        Finish(a1, b1, steps[1], factors, outputs, y + outputs);
        Finish(a2, b2, steps[2], factors, outputs, y + 2 * (nint)outputs);
        Finish(a3, b3, steps[3], factors, outputs, y + 3 * (nint)outputs);
    }

    /// <summary>4 rows by 8 outputs, in 8 registers of 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRowsNarrow(short* x, float* steps, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        Vector128<int> a0 = default, b0 = default;
        Vector128<int> a1 = default, b1 = default;
        Vector128<int> a2 = default, b2 = default;
        Vector128<int> a3 = default, b3 = default;
        var pairs = (nint)inputs / 2;
        var x0 = (int*)x;
        var x1 = x0 + pairs;
        var x2 = x0 + 2 * pairs;
        var x3 = x0 + 3 * pairs;
        for (nint i = 0; i < pairs; i++, panel += 2 * PanelWidth)
        {
            var left = Widen128(panel);
            var right = Widen128(panel + 8);
            var v0 = Vector128.Create(x0[i]).AsInt16();
            a0 += PairSums(v0, left);
            b0 += PairSums(v0, right);
            var v1 = Vector128.Create(x1[i]).AsInt16();
            a1 += PairSums(v1, left);
            b1 += PairSums(v1, right);
            var v2 = Vector128.Create(x2[i]).AsInt16();
            a2 += PairSums(v2, left);
            b2 += PairSums(v2, right);
            var v3 = Vector128.Create(x3[i]).AsInt16();
            a3 += PairSums(v3, left);
            b3 += PairSums(v3, right);
        }

        Finish(a0, b0, steps[0], factors, outputs, y);
        Finish(a1, b1, steps[1], factors, outputs, y + outputs);
        Finish(a2, b2, steps[2], factors, outputs, y + 2 * (nint)outputs);
        Finish(a3, b3, steps[3], factors, outputs, y + 3 * (nint)outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector512<int> left, Vector512<int> right, float step, float* factors, int outputs, float* y)
    {
        var size = Vector512.Create(step);
        Vector512.MultiplyAddEstimate(Vector512.ConvertToSingle(left), size * Vector512.Load(factors), Vector512.Load(factors + outputs)).Store(y);
        Vector512.MultiplyAddEstimate(Vector512.ConvertToSingle(right), size * Vector512.Load(factors + 16), Vector512.Load(factors + outputs + 16)).Store(y + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector256<int> left, Vector256<int> right, float step, float* factors, int outputs, float* y)
    {
        var size = Vector256.Create(step);
        Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(left), size * Vector256.Load(factors), Vector256.Load(factors + outputs)).Store(y);
        Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(right), size * Vector256.Load(factors + 8), Vector256.Load(factors + outputs + 8)).Store(y + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector128<int> left, Vector128<int> right, float step, float* factors, int outputs, float* y)
    {
        var size = Vector128.Create(step);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(left), size * Vector128.Load(factors), Vector128.Load(factors + outputs)).Store(y);
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(right), size * Vector128.Load(factors + 4), Vector128.Load(factors + outputs + 4)).Store(y + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Widen512(sbyte* weights) => Avx512BW.ConvertToVector512Int16(Vector256.Load(weights));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Widen256(sbyte* weights) => Avx2.ConvertToVector256Int16(weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Widen128(sbyte* weights) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)weights).AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> PairSums(Vector512<short> x, Vector512<short> weights) => Avx512BW.MultiplyAddAdjacent(x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> PairSums(Vector256<short> x, Vector256<short> weights) => Avx2.MultiplyAddAdjacent(x, weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> PairSums(Vector128<short> x, Vector128<short> weights)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(x, weights);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(x.GetLower(), weights.GetLower()),
                AdvSimd.MultiplyWideningUpper(x, weights));
        }

        // The two int16 of an int32 lane, sign-extended by shifts.
        var (both, factors) = (x.AsInt32(), weights.AsInt32());
        return ((both << 16) >> 16) * ((factors << 16) >> 16) + (both >> 16) * (factors >> 16);
    }
}
