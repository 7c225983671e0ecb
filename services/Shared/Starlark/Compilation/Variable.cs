namespace Gateway.Starlark.Compilation;

/// <summary>A variable of a function or of the program.</summary>
internal sealed class Variable(string name, FunctionScope owner, int slot, bool isGlobal)
{
    public string Name { get; } = name;

    public FunctionScope Owner { get; } = owner;

    /// <summary>Index among the owner's local variables, or among the globals.</summary>
    public int Slot { get; } = slot;

    public bool IsGlobal { get; } = isGlobal;

    /// <summary>True when a function inside the owner uses it, so that it lives in a cell of its own.</summary>
    public bool IsCaptured { get; set; }
}

/// <summary>The variables of one function; of the program those are local that comprehensions bind.</summary>
internal sealed class FunctionScope(FunctionScope? parent)
{
    public FunctionScope? Parent { get; } = parent;

    public List<Variable> Locals { get; } = [];

    /// <summary>Variables of functions around this one that it or one inside it uses, in the order of their cells.</summary>
    public List<Variable> Free { get; } = [];

    public int FreeIndex(Variable variable)
    {
        var index = Free.IndexOf(variable);
        if (index < 0)
        {
            index = Free.Count;
            Free.Add(variable);
        }

        return index;
    }
}
