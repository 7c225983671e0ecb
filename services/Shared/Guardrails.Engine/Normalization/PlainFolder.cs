using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>Folds what most texts consist of, printable ASCII with single spaces, sixteen characters at a time.</summary>
internal static class PlainFolder
{
    /// <summary>How many characters are looked at together.</summary>
    public const int Block = 16;

    /// <summary>Folds as many whole blocks as are plain.</summary>
    /// <param name="text">What is left of the text.</param>
    /// <param name="from">Where that begins in the whole.</param>
    /// <param name="output">Takes the folded characters.</param>
    /// <param name="origins">Takes their places.</param>
    /// <param name="isAfterBlank">Whether a space here would be one too many.</param>
    /// <param name="counts">Takes the letters.</param>
    /// <returns>How many characters that are; they fold to as many.</returns>
    public static int Fold(ReadOnlySpan<char> text, int from, Span<char> output, Span<int> origins, bool isAfterBlank, ref FoldCounts counts)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return 0;
        }

        var source = MemoryMarshal.Cast<char, ushort>(text);
        var target = MemoryMarshal.Cast<char, ushort>(output);
        var (at, blank, letterCount, upperCount) = (0, isAfterBlank ? 1u : 0, 0, 0);
        var places = Vector256.Create(from) + Vector256<int>.Indices;
        for (; at + Block <= source.Length; at += Block)
        {
            var block = Vector256.Create(source.Slice(at, Block));
            var lines = Vector256.Equals(block, Vector256.Create((ushort)'\n'));
            if (!Vector256.LessThanOrEqualAll((block - Vector256.Create((ushort)' ')) & ~lines, Vector256.Create((ushort)('~' - ' '))))
            {
                break;
            }

            var spaces = Vector256.Equals(block, Vector256.Create((ushort)' '));
            var blanks = (spaces | lines).ExtractMostSignificantBits();
            if ((spaces.ExtractMostSignificantBits() & ((blanks << 1) | blank)) != 0)
            {
                break;
            }

            blank = blanks >> (Block - 1);
            var upper = Vector256.LessThanOrEqual(block - Vector256.Create((ushort)'A'), Vector256.Create((ushort)('Z' - 'A')));
            var folded = block | (upper & Vector256.Create((ushort)0x20));
            var letters = Vector256.LessThanOrEqual(folded - Vector256.Create((ushort)'a'), Vector256.Create((ushort)('z' - 'a')));
            letterCount += BitOperations.PopCount(letters.ExtractMostSignificantBits());
            upperCount += BitOperations.PopCount(upper.ExtractMostSignificantBits());
            folded.CopyTo(target[at..]);
            places.CopyTo(origins[at..]);
            (places + Vector256.Create(Block / 2)).CopyTo(origins[(at + (Block / 2))..]);
            places += Vector256.Create(Block);
        }

        counts.Letters += letterCount;
        counts.Upper += upperCount;
        return at;
    }
}
