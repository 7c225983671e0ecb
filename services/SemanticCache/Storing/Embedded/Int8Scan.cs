using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>Vectors as one byte a value and a scale, and their products with a question of two bytes a value.</summary>
internal static class Int8Scan
{
    /// <summary>Vectors are padded with zeros to a multiple of this, so that no kernel has a rest.</summary>
    public const int Step = 32;

    public static int Stride(int dimensions) => (dimensions + Step - 1) / Step * Step;

    /// <summary>Writes the codes and answers the scale: value = code × scale.</summary>
    public static float Quantize(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        codes.Clear();
        if (largest == 0)
        {
            return 0;
        }

        var inverse = 127 / largest;
        for (var i = 0; i < vector.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(vector[i] * inverse);
        }

        return largest / 127;
    }

    /// <summary>The question as 15-bit values: small enough that sums of products with codes stay within 32 bits for unit vectors.</summary>
    public static (short[] Codes, float Scale) Question(ReadOnlySpan<float> vector)
    {
        const float Largest = 16383;
        var codes = new short[Stride(vector.Length)];
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        if (largest == 0)
        {
            return (codes, 0);
        }

        for (var i = 0; i < vector.Length; i++)
        {
            codes[i] = (short)MathF.Round(vector[i] * (Largest / largest));
        }

        return (codes, largest / Largest);
    }

    /// <summary>Sum of products; both have the same padded length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(ReadOnlySpan<sbyte> codes, ReadOnlySpan<short> question)
    {
        ref var c = ref MemoryMarshal.GetReference(codes);
        ref var q = ref MemoryMarshal.GetReference(question);
        var length = codes.Length;
        if (Avx512BW.IsSupported)
        {
            var sum = Vector512<int>.Zero;
            for (var i = 0; i < length; i += 32)
            {
                var wide = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref c, (nuint)i));
                sum += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref q, (nuint)i));
            }

            return Vector512.Sum(sum);
        }

        if (Avx2.IsSupported)
        {
            var (first, second) = (Vector256<int>.Zero, Vector256<int>.Zero);
            for (var i = 0; i < length; i += 32)
            {
                first += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref c, (nuint)i)), Vector256.LoadUnsafe(ref q, (nuint)i));
                second += Avx2.MultiplyAddAdjacent(
                    Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref c, (nuint)i + 16)), Vector256.LoadUnsafe(ref q, (nuint)i + 16));
            }

            return Vector256.Sum(first + second);
        }

        var total = Vector128<int>.Zero;
        for (var i = 0; i < length; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref c, (nuint)i));
            total += Products(low, Vector128.LoadUnsafe(ref q, (nuint)i)) + Products(high, Vector128.LoadUnsafe(ref q, (nuint)i + 8));
        }

        return Vector128.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(Vector128<short> a, Vector128<short> b)
    {
        var (aLow, aHigh) = Vector128.Widen(a);
        var (bLow, bHigh) = Vector128.Widen(b);
        return (aLow * bLow) + (aHigh * bHigh);
    }
}
