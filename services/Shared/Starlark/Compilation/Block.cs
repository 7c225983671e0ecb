namespace Gateway.Starlark.Compilation;

/// <summary>Names that are known from one place on: those of the program, a function or a comprehension, and what stands around it.</summary>
internal sealed class Block(Block? parent, FunctionScope function)
{
    private readonly Dictionary<string, Variable> names = [];

    public FunctionScope Function { get; } = function;

    public void Add(string name, Variable variable) => names[name] = variable;

    public bool Has(string name) => names.ContainsKey(name);

    public Variable? Find(string name)
    {
        for (var block = this; block is not null; block = block.Outer)
        {
            if (block.names.TryGetValue(name, out var variable))
            {
                return variable;
            }
        }

        return null;
    }

    public IEnumerable<string> Known()
    {
        for (var block = this; block is not null; block = block.Outer)
        {
            foreach (var name in block.names.Keys)
            {
                yield return name;
            }
        }
    }

    private Block? Outer { get; } = parent;
}
