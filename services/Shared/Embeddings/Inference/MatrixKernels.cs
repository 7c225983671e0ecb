using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gateway.Embeddings.Inference;

/// <summary>
/// The inner loops of the matrix product. int8 weights are widened in registers, once for all rows of a group, so that memory
/// traffic stays at a byte a weight. Every output is summed in the same order by every kernel: what a row yields does not
/// depend on the rows it is computed with. Written out because the sums must be separate locals to live in registers.
/// </summary>
internal static unsafe class MatrixKernels
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 32;

    /// <summary>8 rows by 32 outputs, in 16 registers of 512 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EightRows(float* x, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        var a0 = Vector512<float>.Zero;
        var b0 = Vector512<float>.Zero;
        var a1 = Vector512<float>.Zero;
        var b1 = Vector512<float>.Zero;
        var a2 = Vector512<float>.Zero;
        var b2 = Vector512<float>.Zero;
        var a3 = Vector512<float>.Zero;
        var b3 = Vector512<float>.Zero;
        var a4 = Vector512<float>.Zero;
        var b4 = Vector512<float>.Zero;
        var a5 = Vector512<float>.Zero;
        var b5 = Vector512<float>.Zero;
        var a6 = Vector512<float>.Zero;
        var b6 = Vector512<float>.Zero;
        var a7 = Vector512<float>.Zero;
        var b7 = Vector512<float>.Zero;
        var x1 = x + (nint)inputs;
        var x2 = x + 2 * (nint)inputs;
        var x3 = x + 3 * (nint)inputs;
        var x4 = x + 4 * (nint)inputs;
        var x5 = x + 5 * (nint)inputs;
        var x6 = x + 6 * (nint)inputs;
        var x7 = x + 7 * (nint)inputs;
        for (nint i = 0; i < inputs; i++, panel += PanelWidth)
        {
            var left = Widen512(panel);
            var right = Widen512(panel + 16);
            var v0 = Vector512.Create(x[i]);
            a0 = Vector512.FusedMultiplyAdd(v0, left, a0);
            b0 = Vector512.FusedMultiplyAdd(v0, right, b0);
            var v1 = Vector512.Create(x1[i]);
            a1 = Vector512.FusedMultiplyAdd(v1, left, a1);
            b1 = Vector512.FusedMultiplyAdd(v1, right, b1);
            var v2 = Vector512.Create(x2[i]);
            a2 = Vector512.FusedMultiplyAdd(v2, left, a2);
            b2 = Vector512.FusedMultiplyAdd(v2, right, b2);
            var v3 = Vector512.Create(x3[i]);
            a3 = Vector512.FusedMultiplyAdd(v3, left, a3);
            b3 = Vector512.FusedMultiplyAdd(v3, right, b3);
            var v4 = Vector512.Create(x4[i]);
            a4 = Vector512.FusedMultiplyAdd(v4, left, a4);
            b4 = Vector512.FusedMultiplyAdd(v4, right, b4);
            var v5 = Vector512.Create(x5[i]);
            a5 = Vector512.FusedMultiplyAdd(v5, left, a5);
            b5 = Vector512.FusedMultiplyAdd(v5, right, b5);
            var v6 = Vector512.Create(x6[i]);
            a6 = Vector512.FusedMultiplyAdd(v6, left, a6);
            b6 = Vector512.FusedMultiplyAdd(v6, right, b6);
            var v7 = Vector512.Create(x7[i]);
            a7 = Vector512.FusedMultiplyAdd(v7, left, a7);
            b7 = Vector512.FusedMultiplyAdd(v7, right, b7);
        }

        var leftScale = Vector512.Load(factors);
        var rightScale = Vector512.Load(factors + 16);
        var leftBias = Vector512.Load(factors + outputs);
        var rightBias = Vector512.Load(factors + outputs + 16);
        Vector512.FusedMultiplyAdd(a0, leftScale, leftBias).Store(y);
        Vector512.FusedMultiplyAdd(b0, rightScale, rightBias).Store(y + 16);
        Vector512.FusedMultiplyAdd(a1, leftScale, leftBias).Store(y + outputs);
        Vector512.FusedMultiplyAdd(b1, rightScale, rightBias).Store(y + outputs + 16);
        Vector512.FusedMultiplyAdd(a2, leftScale, leftBias).Store(y + 2 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b2, rightScale, rightBias).Store(y + 2 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a3, leftScale, leftBias).Store(y + 3 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b3, rightScale, rightBias).Store(y + 3 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a4, leftScale, leftBias).Store(y + 4 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b4, rightScale, rightBias).Store(y + 4 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a5, leftScale, leftBias).Store(y + 5 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b5, rightScale, rightBias).Store(y + 5 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a6, leftScale, leftBias).Store(y + 6 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b6, rightScale, rightBias).Store(y + 6 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a7, leftScale, leftBias).Store(y + 7 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b7, rightScale, rightBias).Store(y + 7 * (nint)outputs + 16);
    }

    /// <summary>4 rows by 32 outputs, for what the kernel of 8 leaves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRowsWide(float* x, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        var a0 = Vector512<float>.Zero;
        var b0 = Vector512<float>.Zero;
        var a1 = Vector512<float>.Zero;
        var b1 = Vector512<float>.Zero;
        var a2 = Vector512<float>.Zero;
        var b2 = Vector512<float>.Zero;
        var a3 = Vector512<float>.Zero;
        var b3 = Vector512<float>.Zero;
        var x1 = x + (nint)inputs;
        var x2 = x + 2 * (nint)inputs;
        var x3 = x + 3 * (nint)inputs;
        for (nint i = 0; i < inputs; i++, panel += PanelWidth)
        {
            var left = Widen512(panel);
            var right = Widen512(panel + 16);
            var v0 = Vector512.Create(x[i]);
            a0 = Vector512.FusedMultiplyAdd(v0, left, a0);
            b0 = Vector512.FusedMultiplyAdd(v0, right, b0);
            var v1 = Vector512.Create(x1[i]);
            a1 = Vector512.FusedMultiplyAdd(v1, left, a1);
            b1 = Vector512.FusedMultiplyAdd(v1, right, b1);
            var v2 = Vector512.Create(x2[i]);
            a2 = Vector512.FusedMultiplyAdd(v2, left, a2);
            b2 = Vector512.FusedMultiplyAdd(v2, right, b2);
            var v3 = Vector512.Create(x3[i]);
            a3 = Vector512.FusedMultiplyAdd(v3, left, a3);
            b3 = Vector512.FusedMultiplyAdd(v3, right, b3);
        }

        var leftScale = Vector512.Load(factors);
        var rightScale = Vector512.Load(factors + 16);
        var leftBias = Vector512.Load(factors + outputs);
        var rightBias = Vector512.Load(factors + outputs + 16);
        Vector512.FusedMultiplyAdd(a0, leftScale, leftBias).Store(y);
        Vector512.FusedMultiplyAdd(b0, rightScale, rightBias).Store(y + 16);
        Vector512.FusedMultiplyAdd(a1, leftScale, leftBias).Store(y + outputs);
        Vector512.FusedMultiplyAdd(b1, rightScale, rightBias).Store(y + outputs + 16);
        Vector512.FusedMultiplyAdd(a2, leftScale, leftBias).Store(y + 2 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b2, rightScale, rightBias).Store(y + 2 * (nint)outputs + 16);
        Vector512.FusedMultiplyAdd(a3, leftScale, leftBias).Store(y + 3 * (nint)outputs);
        Vector512.FusedMultiplyAdd(b3, rightScale, rightBias).Store(y + 3 * (nint)outputs + 16);
    }

    /// <summary>4 rows by 16 outputs, in 8 registers of 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourRows(float* x, sbyte* panel, int inputs, float* factors, int outputs, float* y)
    {
        var a0 = Vector256<float>.Zero;
        var b0 = Vector256<float>.Zero;
        var a1 = Vector256<float>.Zero;
        var b1 = Vector256<float>.Zero;
        var a2 = Vector256<float>.Zero;
        var b2 = Vector256<float>.Zero;
        var a3 = Vector256<float>.Zero;
        var b3 = Vector256<float>.Zero;
        var x1 = x + (nint)inputs;
        var x2 = x + 2 * (nint)inputs;
        var x3 = x + 3 * (nint)inputs;
        for (nint i = 0; i < inputs; i++, panel += PanelWidth)
        {
            var left = Widen256(panel);
            var right = Widen256(panel + 8);
            var v0 = Vector256.Create(x[i]);
            a0 = Vector256.FusedMultiplyAdd(v0, left, a0);
            b0 = Vector256.FusedMultiplyAdd(v0, right, b0);
            var v1 = Vector256.Create(x1[i]);
            a1 = Vector256.FusedMultiplyAdd(v1, left, a1);
            b1 = Vector256.FusedMultiplyAdd(v1, right, b1);
            var v2 = Vector256.Create(x2[i]);
            a2 = Vector256.FusedMultiplyAdd(v2, left, a2);
            b2 = Vector256.FusedMultiplyAdd(v2, right, b2);
            var v3 = Vector256.Create(x3[i]);
            a3 = Vector256.FusedMultiplyAdd(v3, left, a3);
            b3 = Vector256.FusedMultiplyAdd(v3, right, b3);
        }

        var leftScale = Vector256.Load(factors);
        var rightScale = Vector256.Load(factors + 8);
        var leftBias = Vector256.Load(factors + outputs);
        var rightBias = Vector256.Load(factors + outputs + 8);
        Vector256.FusedMultiplyAdd(a0, leftScale, leftBias).Store(y);
        Vector256.FusedMultiplyAdd(b0, rightScale, rightBias).Store(y + 8);
        Vector256.FusedMultiplyAdd(a1, leftScale, leftBias).Store(y + outputs);
        Vector256.FusedMultiplyAdd(b1, rightScale, rightBias).Store(y + outputs + 8);
        Vector256.FusedMultiplyAdd(a2, leftScale, leftBias).Store(y + 2 * (nint)outputs);
        Vector256.FusedMultiplyAdd(b2, rightScale, rightBias).Store(y + 2 * (nint)outputs + 8);
        Vector256.FusedMultiplyAdd(a3, leftScale, leftBias).Store(y + 3 * (nint)outputs);
        Vector256.FusedMultiplyAdd(b3, rightScale, rightBias).Store(y + 3 * (nint)outputs + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen512(sbyte* weights) =>
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(weights)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen256(sbyte* weights)
    {
        if (Avx2.IsSupported)
        {
            return Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(weights));
        }

        var shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)weights).AsSByte());
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)));
    }
}
