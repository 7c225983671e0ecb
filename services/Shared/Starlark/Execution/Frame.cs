using Gateway.Starlark.Compilation;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

/// <summary>A function that is running.</summary>
internal sealed class Frame(Code code, Cell[] free, int stackBase)
{
    public Code Code { get; } = code;

    public Cell[] Free { get; } = free;

    /// <summary>Values of its variables; of those that others use too a <see cref="Cell"/>.</summary>
    public object?[] Locals { get; } = new object?[code.LocalCount];

    /// <summary>Height of the value stack when it began.</summary>
    public int StackBase { get; } = stackBase;

    /// <summary>The instruction that comes next.</summary>
    public int Next { get; set; }

    /// <summary>Where errors go: an instruction, and the height of the stack there.</summary>
    public Stack<(int Target, int Height)> Handlers { get; } = new(0);

    /// <summary>Puts those variables into cells that need one.</summary>
    public void MakeCells()
    {
        foreach (var slot in Code.Cells)
        {
            Locals[slot] = new Cell { Value = Locals[slot] };
        }
    }
}
