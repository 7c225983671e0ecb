using System.Text;
using Gateway.Starlark.Compilation;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

/// <summary>
/// Runs instructions until the program ends, fails, or wants tools called: then it stops with all it knows, and goes on when the answers are there. Nothing of a program lies
/// on the stack of the process, so however deep it calls itself it can only reach its own limit.
/// </summary>
internal sealed partial class Machine
{
    // Functions that built-in ones call, as the key of sorted, do run on the stack of the process.
    private const int MaxInner = 8;

    private readonly object?[] globals;
    private readonly IReadOnlyList<string> globalNames;
    private readonly IReadOnlyDictionary<string, object> predeclared;
    private readonly List<Frame> frames = [];
    private readonly StringBuilder printed = new();
    private object?[] stack = new object?[64];
    private int height;
    private int inner;

    public Machine(Code program, IReadOnlyList<string> globalNames, IReadOnlyDictionary<string, object> predeclared, Meter meter)
    {
        this.globalNames = globalNames;
        this.predeclared = predeclared;
        globals = new object?[globalNames.Count];
        Meter = meter;
        var frame = new Frame(program, [], 0);
        frame.MakeCells();
        frames.Add(frame);
    }

    public Meter Meter { get; }

    /// <summary>What <c>print</c> wrote.</summary>
    public string Printed => printed.ToString();

    /// <summary>The calls that are wanted; null when the program has ended.</summary>
    public IReadOnlyList<PreparedCall>? Wanted { get; private set; }

    /// <summary>True when <see cref="Wanted"/> came of <c>gather</c>, whose value is a list.</summary>
    public bool WantsList { get; private set; }

    /// <summary>Where the program stands.</summary>
    public (int Line, int Column) Place => frames.Count == 0 ? default : frames[^1].Code.Places[Math.Max(0, frames[^1].Next - 1)];

    /// <summary>Runs on.</summary>
    /// <returns>The value the program ended with, or null when it wants calls.</returns>
    public object? Run()
    {
        try
        {
            return RunFrames(0);
        }
        catch (ScriptException e) when (e.At == default)
        {
            throw new ScriptException(e.Kind, e.Message, e.Hint) { At = Place };
        }
    }

    /// <summary>Hands over what the calls gave, and runs on.</summary>
    public object? Resume(object value)
    {
        Wanted = null;
        Push(value);
        return Run();
    }

    /// <summary>Lets the program see that a call failed, and runs on.</summary>
    public object? Fail(ScriptException error)
    {
        Wanted = null;
        try
        {
            Handle(error, 0);
        }
        catch (ScriptException e) when (e.At == default)
        {
            throw new ScriptException(e.Kind, e.Message, e.Hint) { At = Place };
        }

        return Run();
    }

    /// <summary>The program's variable of a name, or null.</summary>
    public object? Global(string name)
    {
        for (var i = 0; i < globals.Length; i++)
        {
            if (globalNames[i] == name)
            {
                return globals[i];
            }
        }

        return null;
    }

    public void Print(string text)
    {
        var room = Meter.Limits.MaxPrintLength - printed.Length;
        if (room > 0)
        {
            printed.Append(text.Length <= room ? text : text[..room] + "… [the rest of the output is cut off]");
        }
    }

    /// <summary>Calls a value from a built-in function, to its end.</summary>
    public object Invoke(object callee, params object[] arguments)
    {
        if (callee is ToolValue)
        {
            throw ScriptException.Runtime("A tool cannot be called from inside a built-in function.", "call it in a loop, or with gather, first");
        }

        if (callee is not FunctionValue function)
        {
            return Builtin(callee, arguments, [], []);
        }

        if (++inner > MaxInner)
        {
            inner--;
            throw ScriptException.Runtime("Built-in functions call each other too deep.", "use loops");
        }

        var (depth, before) = (frames.Count, height);
        try
        {
            Enter(function, arguments, [], []);
            return RunFrames(depth)!;
        }
        catch
        {
            frames.RemoveRange(depth, frames.Count - depth);
            Drop(before);
            throw;
        }
        finally
        {
            inner--;
        }
    }

    private object? RunFrames(int bottom)
    {
        while (true)
        {
            try
            {
                return Loop(bottom);
            }
            catch (ScriptException e)
            {
                Handle(e, bottom);
            }
        }
    }

    /// <summary>Goes to the nearest handler; with none above the bottom the error goes on.</summary>
    private void Handle(ScriptException error, int bottom)
    {
        var located = error.At != default ? error : new ScriptException(error.Kind, error.Message, error.Hint) { At = Place };
        if (!error.CanBeHandled)
        {
            throw located;
        }

        for (var i = frames.Count - 1; i >= bottom; i--)
        {
            if (frames[i].Handlers.TryPop(out var handler))
            {
                frames.RemoveRange(i + 1, frames.Count - i - 1);
                Drop(handler.Height);
                frames[i].Next = handler.Target;
                Push(new ErrorValue(error.Message, error.Kind));
                return;
            }
        }

        throw located;
    }

    private void Enter(FunctionValue function, object[] positional, string[] names, object[] named)
    {
        if (frames.Count >= Meter.Limits.MaxDepth)
        {
            throw new ScriptException(ScriptErrorKind.Limit, $"Functions call each other more than {Meter.Limits.MaxDepth} levels deep.", "use a loop instead of a function that calls itself");
        }

        Meter.Allocate(96 + (8L * function.Code.LocalCount));
        var frame = new Frame(function.Code, function.Free, height);
        Parameters.Bind(function, frame.Locals, positional, names, named, Meter);
        frame.MakeCells();
        frames.Add(frame);
    }

    private object Builtin(object callee, object[] positional, string[] names, object[] named)
    {
        if (callee is not BuiltinValue builtin)
        {
            throw ScriptException.Runtime($"A {ValueTypes.NameOf(callee)} cannot be called.", callee is NamespaceValue space ? $"it holds {string.Join(", ", space.Members.Keys.Take(10))}" : null);
        }

        return builtin.Body(new Invocation(this, builtin.Name, builtin.Self, positional, names, named));
    }

    private void Push(object? value)
    {
        if (height == stack.Length)
        {
            Meter.Allocate(8L * stack.Length);
            Array.Resize(ref stack, stack.Length * 2);
        }

        stack[height++] = value;
    }

    private object Pop()
    {
        var value = stack[--height]!;
        stack[height] = null;
        return value;
    }

    private object[] Pop(int count)
    {
        if (count == 0)
        {
            return [];
        }

        var values = new object[count];
        Array.Copy(stack, height - count, values, 0, count);
        Drop(height - count);
        return values;
    }

    private void Drop(int to)
    {
        Array.Clear(stack, to, height - to);
        height = to;
    }
}
