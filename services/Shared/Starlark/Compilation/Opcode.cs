namespace Gateway.Starlark.Compilation;

/// <summary>What an instruction does. "Pushes", "pops" and "top" speak of the value stack; A is the instruction's operand.</summary>
internal enum Opcode : byte
{
    /// <summary>Pushes constant A.</summary>
    Constant,

    Pop,

    /// <summary>Pushes the top once more.</summary>
    Duplicate,

    /// <summary>Pushes the top two once more.</summary>
    DuplicateTwo,

    /// <summary>Exchanges the top two.</summary>
    Swap,

    /// <summary>Puts the top below the two under it.</summary>
    Rotate,

    LoadLocal,
    StoreLocal,

    /// <summary>The same of a variable that lives in a cell.</summary>
    LoadCell,
    StoreCell,

    /// <summary>The same of a cell of a function around this one.</summary>
    LoadFree,
    StoreFree,
    LoadGlobal,
    StoreGlobal,

    /// <summary>Pushes what the name in constant A means from the start.</summary>
    LoadPredeclared,

    /// <summary>Pops two, pushes the result of operator A (<see cref="Values.BinaryOperator"/>).</summary>
    Binary,

    /// <summary>The same for <c>x += y</c>, which changes a list in place.</summary>
    BinaryInPlace,

    /// <summary>Pops two, pushes whether comparison A (<see cref="Values.ComparisonOperator"/>) holds.</summary>
    Compare,

    Negate,
    Plus,
    Invert,
    Not,
    Jump,

    /// <summary>Pops; jumps to A when it is false.</summary>
    JumpIfFalse,

    /// <summary>Jumps to A and keeps the top when it is false, else pops it.</summary>
    JumpIfFalseOrPop,
    JumpIfTrueOrPop,

    /// <summary>Pops A values, pushes them as a collection.</summary>
    BuildList,
    BuildTuple,
    BuildSet,

    /// <summary>Pops A keys and values, pushes a dict.</summary>
    BuildDict,

    /// <summary>Pops a value and adds it to the list or set that is then A below the top.</summary>
    Append,

    /// <summary>Pops a key and value and adds them to the dict that is then A below the top.</summary>
    AppendPair,

    /// <summary>Pops something to iterate and adds its members to the list or set that is then on top.</summary>
    Extend,

    /// <summary>Pops a dict and adds its members to the one that is then on top.</summary>
    ExtendPairs,

    /// <summary>Pops a list, pushes a tuple of its members.</summary>
    ToTuple,

    /// <summary>Pops something to iterate, pushes its iterator.</summary>
    Iterate,

    /// <summary>Pushes the next of the iterator on top; at its end pops it and jumps to A.</summary>
    ForNext,

    /// <summary>Pops an object, pushes its attribute whose name is constant A.</summary>
    Attribute,
    GetIndex,

    /// <summary>Pops index, target and value; target[index] = value.</summary>
    SetIndex,
    DeleteIndex,

    /// <summary>Pops step, stop and start, pushes a slice.</summary>
    BuildSlice,

    /// <summary>Pops as many arguments as call shape A (a constant) says and the function; calls it.</summary>
    Call,

    /// <summary>Pops a dict of named and a list of positional arguments and the function; calls it.</summary>
    CallSpread,

    /// <summary>Pops the defaults of code A (a constant), pushes a function with the cells that it uses.</summary>
    MakeFunction,
    Return,

    /// <summary>Pops something of A members, pushes them, the first on top.</summary>
    Unpack,

    /// <summary>Pops a format where A has bit 1, and a value; pushes its text: with bit 0 as <c>repr</c> shows it.</summary>
    Format,

    /// <summary>Pops A texts, pushes one.</summary>
    Concatenate,

    /// <summary>From here on errors go to A, with the error pushed.</summary>
    Try,
    EndTry,

    /// <summary>Pops an error or a text and fails with it.</summary>
    Raise,
}

/// <summary>One instruction.</summary>
internal readonly record struct Instruction(Opcode Opcode, int A);

/// <summary>How a call is written: how many positional arguments, and the names of the others, which stand after them.</summary>
internal sealed record CallShape(int Positional, string[] Names);
