using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gateway.Embeddings.Inference;

/// <summary>
/// An int8 weight matrix with one scale per output, rearranged into panels of 32 outputs so that a kernel reads it front to
/// back: panel, then input, then output.
/// </summary>
internal sealed unsafe class PackedMatrix
{
    /// <summary>Rows of a product are worked on in groups of this many; buffers are padded to it.</summary>
    public const int RowGroup = 4;

    private const int Panel = MatrixKernels.PanelWidth;
    private const int Alignment = 64;

    // Pinned arrays never move, which is what makes the stored addresses valid while this object lives.
    private readonly sbyte[] _store;
    private readonly float[] _factors;
    private readonly int _offset;
    private readonly int _inputs;
    private readonly int _outputs;

    public PackedMatrix(int inputs, int outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        _store = GC.AllocateUninitializedArray<sbyte>(inputs * outputs + Alignment, pinned: true);
        _factors = GC.AllocateUninitializedArray<float>(2 * outputs, pinned: true);
        _offset = (int)(-(nint)Unsafe.AsPointer(ref _store[0]) & (Alignment - 1));
    }

    public static int PadRows(int rows) => (rows + RowGroup - 1) & ~(RowGroup - 1);

    /// <summary>Puts <paramref name="weights"/> (output by output) at outputs from <paramref name="firstOutput"/> on.</summary>
    public void Fill(int firstOutput, ReadOnlySpan<sbyte> weights, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias, float factor = 1)
    {
        for (var row = 0; row < scale.Length; row++)
        {
            var output = firstOutput + row;
            _factors[output] = scale[row] * factor;
            _factors[_outputs + output] = bias[row] * factor;
            var panel = _store.AsSpan(_offset + output / Panel * Panel * _inputs + output % Panel);
            var source = weights.Slice(row * _inputs, _inputs);
            for (var input = 0; input < source.Length; input++)
            {
                panel[input * Panel] = source[input];
            }
        }
    }

    /// <summary>Computes y = x·Wᵀ + b for <paramref name="rows"/> rows, a multiple of <see cref="RowGroup"/>.</summary>
    public void Multiply(float* x, int rows, float* y)
    {
        var weights = (sbyte*)Unsafe.AsPointer(ref _store[0]) + _offset;
        var factors = (float*)Unsafe.AsPointer(ref _factors[0]);
        for (var output = 0; output < _outputs; output += Panel)
        {
            var panel = weights + (nint)output * _inputs;
            var row = 0;
            if (Avx512F.IsSupported && Vector512.IsHardwareAccelerated)
            {
                for (; row + 8 <= rows; row += 8)
                {
                    MatrixKernels.EightRows(x + (nint)row * _inputs, panel, _inputs, factors + output, _outputs, y + (nint)row * _outputs + output);
                }

                if (row < rows)
                {
                    MatrixKernels.FourRowsWide(x + (nint)row * _inputs, panel, _inputs, factors + output, _outputs, y + (nint)row * _outputs + output);
                }

                continue;
            }

            for (; row < rows; row += RowGroup)
            {
                var from = x + (nint)row * _inputs;
                var to = y + (nint)row * _outputs + output;
                MatrixKernels.FourRows(from, panel, _inputs, factors + output, _outputs, to);
                MatrixKernels.FourRows(from, panel + Panel / 2, _inputs, factors + output + Panel / 2, _outputs, to + Panel / 2);
            }
        }
    }
}
