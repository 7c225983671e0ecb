using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gateway.Embeddings.Inference;

/// <summary>
/// An int8 weight matrix with one scale per output, rearranged into panels of 32 outputs so that a kernel reads it front to
/// back: panel, then pair of inputs, then output, then the two inputs.
/// </summary>
/// <remarks>
/// Inputs are quantised row by row to as many of 16 bits as cannot overflow an int32 sum; that costs less than a thousandth of
/// what the int8 weights cost.
/// </remarks>
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
    private readonly int _largestInput;

    public PackedMatrix(int inputs, int outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        _largestInput = Math.Min(short.MaxValue, int.MaxValue / (inputs * -sbyte.MinValue));
        _store = GC.AllocateUninitializedArray<sbyte>(inputs * outputs + Alignment, pinned: true);
        _factors = GC.AllocateUninitializedArray<float>(2 * outputs, pinned: true);
        _offset = (int)(-(nint)Unsafe.AsPointer(ref _store[0]) & (Alignment - 1));
    }

    public static int PadRows(int rows) => (rows + RowGroup - 1) & ~(RowGroup - 1);

    /// <summary>Floats of scratch that a product of this many rows needs.</summary>
    public static int ScratchSize(int rows, int inputs) => rows + rows * inputs / 2;

    /// <summary>Puts <paramref name="weights"/> (output by output) at outputs from <paramref name="firstOutput"/> on.</summary>
    public void Fill(int firstOutput, ReadOnlySpan<sbyte> weights, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias, float factor = 1)
    {
        for (var row = 0; row < scale.Length; row++)
        {
            var output = firstOutput + row;
            _factors[output] = scale[row] * factor;
            _factors[_outputs + output] = bias[row] * factor;
            var panel = _store.AsSpan(_offset + output / Panel * Panel * _inputs + output % Panel * 2);
            var source = weights.Slice(row * _inputs, _inputs);
            for (var input = 0; input < source.Length; input++)
            {
                panel[input / 2 * (2 * Panel) + input % 2] = source[input];
            }
        }
    }

    /// <summary>Computes y = x·Wᵀ + b for <paramref name="rows"/> rows, a multiple of <see cref="RowGroup"/>.</summary>
    /// <param name="x">The input rows.</param>
    /// <param name="rows">Their number.</param>
    /// <param name="y">Receives the output rows; may not overlap the scratch.</param>
    /// <param name="scratch"><see cref="ScratchSize"/> floats.</param>
    public void Multiply(float* x, int rows, float* y, float* scratch)
    {
        var steps = scratch;
        var quantised = (short*)(scratch + rows);
        for (var row = 0; row < rows; row++)
        {
            steps[row] = VectorMath.Quantise(x + (nint)row * _inputs, _inputs, _largestInput, quantised + (nint)row * _inputs);
        }

        var weights = (sbyte*)Unsafe.AsPointer(ref _store[0]) + _offset;
        var factors = (float*)Unsafe.AsPointer(ref _factors[0]);
        for (var output = 0; output < _outputs; output += Panel)
        {
            MultiplyPanel(quantised, steps, rows, weights + (nint)output * _inputs, factors + output, y + output);
        }
    }

    private void MultiplyPanel(short* x, float* steps, int rows, sbyte* panel, float* factors, float* y)
    {
        var row = 0;
        if (Avx512BW.IsSupported && Vector512.IsHardwareAccelerated)
        {
            for (; row + 8 <= rows; row += 8)
            {
                MatrixKernels.EightRows(x + (nint)row * _inputs, steps + row, panel, _inputs, factors, _outputs, y + (nint)row * _outputs);
            }

            if (row < rows)
            {
                MatrixKernels.FourRowsWide(x + (nint)row * _inputs, steps + row, panel, _inputs, factors, _outputs, y + (nint)row * _outputs);
            }

            return;
        }

        for (; row < rows; row += RowGroup)
        {
            var from = x + (nint)row * _inputs;
            var to = y + (nint)row * _outputs;
            if (Avx2.IsSupported)
            {
                for (var output = 0; output < Panel; output += 16)
                {
                    MatrixKernels.FourRows(from, steps + row, panel + 2 * output, _inputs, factors + output, _outputs, to + output);
                }

                continue;
            }

            for (var output = 0; output < Panel; output += 8)
            {
                MatrixKernels.FourRowsNarrow(from, steps + row, panel + 2 * output, _inputs, factors + output, _outputs, to + output);
            }
        }
    }
}
