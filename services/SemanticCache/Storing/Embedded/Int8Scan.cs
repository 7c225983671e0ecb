using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>
/// Vectors as one byte a value and a scale, and their products with a question of two bytes a value. Sixteen vectors lie together, two values of each in turn: so a
/// register holds sums of sixteen vectors, none is added up crosswise, and all are held against the threshold at once.
/// </summary>
internal static class Int8Scan
{
    /// <summary>Vectors that lie together.</summary>
    public const int Lanes = 16;

    /// <summary>Vectors are padded with zeros to a multiple of this, so that no kernel has a rest.</summary>
    private const int Step = 8;

    private const int PairBytes = 2 * Lanes;

    // Products of codes and these, summed over all values, stay within 32 bits whatever the vectors are.
    private const int LargestValue = 16_383;
    private const int LargestSum = 16_900_000;

    public static int Stride(int dimensions) => (dimensions + Step - 1) / Step * Step;

    /// <summary>Where a value of one of sixteen vectors lies.</summary>
    public static int Place(int lane, int value) => (value / 2 * PairBytes) + (lane * 2) + (value & 1);

    /// <summary>Writes the codes and answers the scale: value = code × scale.</summary>
    public static float Quantize(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        var largest = Largest(vector);
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

    /// <summary>The question: value = code × scale.</summary>
    public static (short[] Codes, float Scale) Question(ReadOnlySpan<float> vector)
    {
        var codes = new short[Stride(vector.Length)];
        var largest = Largest(vector);
        if (largest == 0)
        {
            return (codes, 0);
        }

        var most = Math.Min(LargestValue, LargestSum / codes.Length);
        for (var i = 0; i < vector.Length; i++)
        {
            codes[i] = (short)MathF.Round(vector[i] * (most / largest));
        }

        return (codes, largest / most);
    }

    /// <summary>Scores sixteen vectors.</summary>
    /// <param name="codes">Their codes, two values of each in turn.</param>
    /// <param name="question">The question.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="least">What a score must be above.</param>
    /// <param name="scores">Receives the scores, without the question's scale.</param>
    /// <returns>A bit for each vector that is above.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Score(ReadOnlySpan<sbyte> codes, ReadOnlySpan<short> question, ReadOnlySpan<float> scales, float least, Span<float> scores)
    {
        if (codes.Length < question.Length * Lanes || scales.Length < Lanes || scores.Length < Lanes || question.Length % Step != 0)
        {
            throw new ArgumentException("The parts do not belong together.", nameof(codes));
        }

        ref var c = ref MemoryMarshal.GetReference(codes);
        ref var q = ref Unsafe.As<short, int>(ref MemoryMarshal.GetReference(question));
        ref var s = ref MemoryMarshal.GetReference(scales);
        ref var to = ref MemoryMarshal.GetReference(scores);
        var pairs = question.Length / 2;
        return Avx512BW.IsSupported ? Score512(ref c, ref q, ref s, least, ref to, pairs)
            : Avx2.IsSupported ? Score256(ref c, ref q, ref s, least, ref to, pairs)
            : Score128(ref c, ref q, ref s, least, ref to, pairs);
    }

    /// <summary>Sum of products of one vector whose values lie in a row.</summary>
    public static int Dot(ReadOnlySpan<sbyte> codes, ReadOnlySpan<short> question)
    {
        ref var c = ref MemoryMarshal.GetReference(codes);
        ref var q = ref MemoryMarshal.GetReference(question);
        var total = Vector128<int>.Zero;
        for (var i = 0; i < Math.Min(codes.Length, question.Length); i += Step)
        {
            var wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref c, i)))).AsSByte());
            total += Products(wide, Vector128.LoadUnsafe(ref q, (nuint)i));
        }

        return Vector128.Sum(total);
    }

    private static uint Score512(ref sbyte codes, ref int question, ref float scales, float least, ref float scores, int pairs)
    {
        var (even, odd) = (Vector512<int>.Zero, Vector512<int>.Zero);
        for (var p = 0; p < pairs; p += 4)
        {
            even += Pair512(ref codes, ref question, p);
            odd += Pair512(ref codes, ref question, p + 1);
            even += Pair512(ref codes, ref question, p + 2);
            odd += Pair512(ref codes, ref question, p + 3);
        }

        var score = Vector512.ConvertToSingle(even + odd) * Vector512.LoadUnsafe(ref scales);
        score.StoreUnsafe(ref scores);
        return (uint)Vector512.GreaterThan(score, Vector512.Create(least)).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Pair512(ref sbyte codes, ref int question, int pair) => Avx512BW.MultiplyAddAdjacent(
        Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref codes, (nuint)(pair * PairBytes))), Vector512.Create(Unsafe.Add(ref question, pair)).AsInt16());

    private static uint Score256(ref sbyte codes, ref int question, ref float scales, float least, ref float scores, int pairs)
    {
        var (low, high) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var p = 0; p < pairs; p++)
        {
            var q = Vector256.Create(Unsafe.Add(ref question, p)).AsInt16();
            low += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref codes, (nuint)(p * PairBytes))), q);
            high += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref codes, (nuint)((p * PairBytes) + Lanes))), q);
        }

        var first = Vector256.ConvertToSingle(low) * Vector256.LoadUnsafe(ref scales);
        var second = Vector256.ConvertToSingle(high) * Vector256.LoadUnsafe(ref scales, 8);
        first.StoreUnsafe(ref scores);
        second.StoreUnsafe(ref scores, 8);
        var bound = Vector256.Create(least);
        return Vector256.GreaterThan(first, bound).ExtractMostSignificantBits() | (Vector256.GreaterThan(second, bound).ExtractMostSignificantBits() << 8);
    }

    private static uint Score128(ref sbyte codes, ref int question, ref float scales, float least, ref float scores, int pairs)
    {
        // Both values of a pair are summed apart, four vectors at a time, and added up at the end.
        Span<int> sums = stackalloc int[PairBytes];
        sums.Clear();
        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (var p = 0; p < pairs; p++)
        {
            var q = Vector128.Create(Unsafe.Add(ref question, p)).AsInt16();
            for (var half = 0; half < PairBytes; half += Lanes)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref codes, (nuint)((p * PairBytes) + half)));
                Add(ref sum, half, low, q);
                Add(ref sum, half + 8, high, q);
            }
        }

        var above = 0u;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var score = (sums[2 * lane] + sums[(2 * lane) + 1]) * Unsafe.Add(ref scales, lane);
            Unsafe.Add(ref scores, lane) = score;
            above |= score > least ? 1u << lane : 0;
        }

        return above;
    }

    private static void Add(ref int sums, int at, Vector128<short> codes, Vector128<short> question)
    {
        var (codesLow, codesHigh) = Vector128.Widen(codes);
        var (questionLow, questionHigh) = Vector128.Widen(question);
        (Vector128.LoadUnsafe(ref sums, (nuint)at) + (codesLow * questionLow)).StoreUnsafe(ref sums, (nuint)at);
        (Vector128.LoadUnsafe(ref sums, (nuint)at + 4) + (codesHigh * questionHigh)).StoreUnsafe(ref sums, (nuint)at + 4);
    }

    private static Vector128<int> Products(Vector128<short> a, Vector128<short> b)
    {
        var (aLow, aHigh) = Vector128.Widen(a);
        var (bLow, bHigh) = Vector128.Widen(b);
        return (aLow * bLow) + (aHigh * bHigh);
    }

    private static float Largest(ReadOnlySpan<float> vector)
    {
        var largest = 0f;
        foreach (var value in vector)
        {
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        return largest;
    }
}
