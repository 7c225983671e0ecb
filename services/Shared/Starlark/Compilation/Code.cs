using Gateway.Starlark.Syntax;

namespace Gateway.Starlark.Compilation;

/// <summary>A function ready to run.</summary>
internal sealed class Code
{
    public required string Name { get; init; }

    public required Instruction[] Instructions { get; init; }

    /// <summary>Line and column of each instruction.</summary>
    public required (int Line, int Column)[] Places { get; init; }

    public required object[] Constants { get; init; }

    public required CodeParameter[] Parameters { get; init; }

    public required int LocalCount { get; init; }

    /// <summary>Local variables that live in cells.</summary>
    public required int[] Cells { get; init; }

    /// <summary>Where the cells of functions around it come from when it is made: a local variable of the maker (0 and up), or a cell of functions around the maker (-1 and down).</summary>
    public required int[] Free { get; init; }

    /// <summary>Names of the local variables, for errors.</summary>
    public required string[] LocalNames { get; init; }

    public required string[] FreeNames { get; init; }
}

/// <summary>A parameter; its value is the local variable of the same index.</summary>
internal sealed record CodeParameter(string Name, ParameterKind Kind, bool HasDefault);
