namespace Gateway.Starlark.Values;

/// <summary>The value that stands for no value. A C# null stands for a variable that nothing was assigned to.</summary>
internal sealed class None
{
    public static readonly None Value = new();

    private None()
    {
    }
}

/// <summary>Boxes of values that come up all the time.</summary>
internal static class Boxes
{
    public static readonly object True = true;
    public static readonly object False = false;

    private const int Lowest = -128;
    private const int Count = 1152;

    private static readonly object[] _integers = [.. Enumerable.Range(Lowest, Count).Select(static i => (object)(long)i)];

    public static object Of(bool value) => value ? True : False;

    public static object Of(long value) => value is >= Lowest and < Lowest + Count ? _integers[value - Lowest] : value;
}

/// <summary>A variable that functions inside its own use too.</summary>
internal sealed class Cell
{
    public object? Value { get; set; }
}

/// <summary>An error as a handler of the program sees it.</summary>
internal sealed class ErrorValue(string message, ScriptErrorKind kind)
{
    public string Message { get; } = message;

    public ScriptErrorKind Kind { get; } = kind;
}

/// <summary>The bounds of <c>x[start:stop:step]</c>, each <see cref="None"/> where it is left out.</summary>
internal sealed class SliceValue(object start, object stop, object step)
{
    public object Start { get; } = start;

    public object Stop { get; } = stop;

    public object Step { get; } = step;
}
