using System.Globalization;
using Gateway.Starlark.Compilation;
using Gateway.Starlark.Library;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Execution;

internal sealed partial class Machine
{
    /// <returns>What the function at the bottom returned, or null when calls are wanted.</returns>
    private object? Loop(int bottom)
    {
        while (true)
        {
            var frame = frames[^1];
            Meter.Step();
            var (opcode, a) = frame.Code.Instructions[frame.Next++];
            switch (opcode)
            {
                case Opcode.Constant:
                    Push(frame.Code.Constants[a]);
                    break;
                case Opcode.Pop:
                    Pop();
                    break;
                case Opcode.Duplicate:
                    Push(stack[height - 1]);
                    break;
                case Opcode.DuplicateTwo:
                    Push(stack[height - 2]);
                    Push(stack[height - 2]);
                    break;
                case Opcode.Swap:
                    (stack[height - 1], stack[height - 2]) = (stack[height - 2], stack[height - 1]);
                    break;
                case Opcode.Rotate:
                    (stack[height - 3], stack[height - 2], stack[height - 1]) = (stack[height - 1], stack[height - 3], stack[height - 2]);
                    break;
                case Opcode.LoadLocal:
                    Push(frame.Locals[a] ?? throw Unbound(frame.Code.LocalNames[a]));
                    break;
                case Opcode.StoreLocal:
                    frame.Locals[a] = Pop();
                    break;
                case Opcode.LoadCell:
                    Push(((Cell)frame.Locals[a]!).Value ?? throw Unbound(frame.Code.LocalNames[a]));
                    break;
                case Opcode.StoreCell:
                    ((Cell)frame.Locals[a]!).Value = Pop();
                    break;
                case Opcode.LoadFree:
                    Push(frame.Free[a].Value ?? throw Unbound(frame.Code.FreeNames[a]));
                    break;
                case Opcode.StoreFree:
                    frame.Free[a].Value = Pop();
                    break;
                case Opcode.LoadGlobal:
                    Push(globals[a] ?? (predeclared.TryGetValue(globalNames[a], out var given) ? given : throw Unbound(globalNames[a])));
                    break;
                case Opcode.StoreGlobal:
                    globals[a] = Pop();
                    break;
                case Opcode.LoadPredeclared:
                    Push(predeclared[(string)frame.Code.Constants[a]]);
                    break;
                case Opcode.Jump:
                    frame.Next = a;
                    break;
                case Opcode.JumpIfFalse:
                    frame.Next = ValueTypes.IsTrue(Pop()) ? frame.Next : a;
                    break;
                case Opcode.JumpIfFalseOrPop:
                    JumpOrPop(frame, a, when: false);
                    break;
                case Opcode.JumpIfTrueOrPop:
                    JumpOrPop(frame, a, when: true);
                    break;
                case Opcode.Iterate:
                    Push(Iteration.Start(Pop()));
                    break;
                case Opcode.ForNext:
                    if (((ValueIterator)stack[height - 1]!).Next() is { } item)
                    {
                        Push(item);
                    }
                    else
                    {
                        Pop();
                        frame.Next = a;
                    }

                    break;
                case Opcode.Call:
                    var shape = (CallShape)frame.Code.Constants[a];
                    var named = Pop(shape.Names.Length);
                    var positional = Pop(shape.Positional);
                    if (CallValue(Pop(), positional, shape.Names, named))
                    {
                        return null;
                    }

                    break;
                case Opcode.CallSpread:
                    var pairs = (DictValue)Pop();
                    var items = ((ListValue)Pop()).Items;
                    if (CallValue(Pop(), [.. items], [.. pairs.Items.Keys.Select(ArgumentName)], [.. pairs.Items.Values]))
                    {
                        return null;
                    }

                    break;
                case Opcode.Return:
                    var result = Pop();
                    Drop(frame.StackBase);
                    frames.RemoveAt(frames.Count - 1);
                    if (frames.Count == bottom)
                    {
                        return result;
                    }

                    Push(result);
                    break;
                case Opcode.Try:
                    frame.Handlers.Push((a, height));
                    break;
                case Opcode.EndTry:
                    frame.Handlers.Pop();
                    break;
                default:
                    Compute(opcode, a, frame);
                    break;
            }
        }
    }

    /// <summary>Instructions that make values of values.</summary>
    private void Compute(Opcode opcode, int a, Frame frame)
    {
        switch (opcode)
        {
            case Opcode.Binary or Opcode.BinaryInPlace:
                var right = Pop();
                var left = Pop();
                Push(opcode == Opcode.Binary ? Operators.Apply((BinaryOperator)a, left, right, Meter) : Operators.ApplyInPlace((BinaryOperator)a, left, right, Meter));
                break;
            case Opcode.Compare:
                var second = Pop();
                Push(Boxes.Of(Operators.Compare((ComparisonOperator)a, Pop(), second, Meter)));
                break;
            case Opcode.Negate:
                Push(Arithmetic.Negate(Pop()));
                break;
            case Opcode.Plus:
                var number = Pop();
                Push(ValueTypes.IsNumber(number, out _) ? number : throw ScriptException.Runtime($"A {ValueTypes.NameOf(number)} has no sign."));
                break;
            case Opcode.Invert:
                var bits = Pop();
                Push(ValueTypes.IsInteger(bits, out var i) ? Boxes.Of(~i) : throw ScriptException.Runtime($"A {ValueTypes.NameOf(bits)} has no bits.", "not is for conditions"));
                break;
            case Opcode.Not:
                Push(Boxes.Of(!ValueTypes.IsTrue(Pop())));
                break;
            case Opcode.GetIndex:
                var index = Pop();
                Push(Indexing.Get(Pop(), index, Meter));
                break;
            case Opcode.SetIndex:
                var at = Pop();
                var target = Pop();
                Indexing.Set(target, at, Pop(), Meter);
                break;
            case Opcode.DeleteIndex:
                var key = Pop();
                Indexing.Delete(Pop(), key, Meter);
                break;
            case Opcode.BuildSlice:
                var step = Pop();
                var stop = Pop();
                Push(new SliceValue(Pop(), stop, step));
                break;
            case Opcode.Attribute:
                Push(Attributes.Get(Pop(), (string)frame.Code.Constants[a], Meter));
                break;
            case Opcode.MakeFunction:
                var code = (Code)frame.Code.Constants[a];
                Meter.Allocate(64);
                var defaults = Pop(code.Parameters.Count(static p => p.HasDefault));
                Push(new FunctionValue(code, defaults, [.. code.Free.Select(f => f >= 0 ? (Cell)frame.Locals[f]! : frame.Free[-1 - f])]));
                break;
            case Opcode.Format:
                var format = (a & 2) != 0 ? (string)Pop() : null;
                var value = Pop();
                Push((a & 1) != 0 ? Show.Repr(value, Meter) is var shown && format is null ? shown : FormatSpec.Apply(shown, format!, Meter)
                    : format is null ? Show.Str(value, Meter) : FormatSpec.Apply(value, format, Meter));
                break;
            case Opcode.Concatenate:
                Meter.AllocateText(TextLength(a));
                Push(string.Concat(Pop(a).Cast<string>()));
                break;
            case Opcode.Raise:
                throw Raised(Pop());
            default:
                Collect(opcode, a);
                break;
        }
    }

    /// <summary>Instructions that make or fill collections.</summary>
    private void Collect(Opcode opcode, int a)
    {
        switch (opcode)
        {
            case Opcode.BuildList:
                Meter.AllocateItems(a);
                Push(new ListValue([.. Pop(a)]));
                break;
            case Opcode.BuildTuple:
                Meter.AllocateItems(a);
                Push(a == 0 ? TupleValue.Empty : new TupleValue(Pop(a)));
                break;
            case Opcode.BuildSet:
                Meter.AllocateItems(2L * a);
                var set = new SetValue();
                foreach (var member in Pop(a))
                {
                    set.Add(member);
                }

                Push(set);
                break;
            case Opcode.BuildDict:
                Meter.AllocateItems(3L * a);
                var dict = new DictValue();
                var pairs = Pop(2 * a);
                for (var i = 0; i < pairs.Length; i += 2)
                {
                    dict.Set(pairs[i], pairs[i + 1]);
                }

                Push(dict);
                break;
            case Opcode.Append:
                Meter.Allocate(16);
                var added = Pop();
                Add(stack[height - 1 - a]!, added);
                break;
            case Opcode.AppendPair:
                Meter.Allocate(48);
                var value = Pop();
                var key = Pop();
                ((DictValue)stack[height - 1 - a]!).Set(key, value);
                break;
            case Opcode.Extend:
                foreach (var item in Iteration.ToList(Pop(), Meter))
                {
                    Add(stack[height - 1]!, item);
                }

                break;
            case Opcode.ExtendPairs:
                var source = Pop();
                foreach (var (name, item) in (source as DictValue ?? throw ScriptException.Runtime($"** takes a dict, and this is a {ValueTypes.NameOf(source)}.")).Items)
                {
                    Meter.Allocate(48);
                    ((DictValue)stack[height - 1]!).Set(name, item);
                }

                break;
            case Opcode.ToTuple:
                Push(new TupleValue([.. ((ListValue)Pop()).Items]));
                break;
            case Opcode.Unpack:
                Unpack(Pop(), a);
                break;
            default:
                throw new InvalidOperationException(opcode.ToString());
        }
    }

    /// <returns>True when the program has to wait for tools.</returns>
    private bool CallValue(object callee, object[] positional, string[] names, object[] named)
    {
        switch (callee)
        {
            case FunctionValue function:
                Enter(function, positional, names, named);
                return false;
            case ToolValue tool:
                return Want([ToolArguments.Prepare(tool.Tool, positional, names, named, Meter)], isList: false);
            case BuiltinValue { Body: var body } when body == Tools.Gather:
                return Want(Tools.Gathered(new Invocation(this, "gather", null, positional, names, named)), isList: true);
            default:
                Push(Builtin(callee, positional, names, named));
                return false;
        }
    }

    private bool Want(IReadOnlyList<PreparedCall> calls, bool isList)
    {
        if (calls.Count == 0)
        {
            Push(new ListValue([]));
            return false;
        }

        if (inner > 0)
        {
            throw ScriptException.Runtime("Tools cannot be called from a function that a built-in function calls.", "call them in a loop, or with gather, first");
        }

        foreach (var _ in calls)
        {
            Meter.Call();
        }

        (Wanted, WantsList) = (calls, isList);
        return true;
    }

    private void JumpOrPop(Frame frame, int target, bool when)
    {
        if (ValueTypes.IsTrue(stack[height - 1]!) == when)
        {
            frame.Next = target;
        }
        else
        {
            Pop();
        }
    }

    private void Unpack(object value, int count)
    {
        if (value is None or long or double or bool)
        {
            throw ScriptException.Runtime($"A {ValueTypes.NameOf(value)} cannot be taken apart.");
        }

        var items = Iteration.ToList(value, Meter);
        if (items.Count != count)
        {
            throw ScriptException.Runtime(string.Create(CultureInfo.InvariantCulture, $"There are {items.Count} values for {count} names."));
        }

        for (var i = count - 1; i >= 0; i--)
        {
            Push(items[i]);
        }
    }

    private long TextLength(int count)
    {
        var length = 0L;
        for (var i = height - count; i < height; i++)
        {
            length += ((string)stack[i]!).Length;
        }

        return length;
    }

    private static void Add(object collection, object item)
    {
        if (collection is ListValue list)
        {
            list.Items.Add(item);
        }
        else
        {
            ((SetValue)collection).Add(item);
        }
    }

    private static string ArgumentName(object name) => name as string ?? throw ScriptException.Runtime("Names of arguments are texts.");

    private ScriptException Raised(object error) => error is ErrorValue e ? new ScriptException(e.Kind, e.Message)
        : ScriptException.Runtime(error is BuiltinValue { Name: var name } ? name : Show.Str(error, Meter));

    private static ScriptException Unbound(string name) => ScriptException.Runtime($"Nothing has been assigned to {name} yet.", "a name that a function assigns is its own; global or nonlocal takes the one outside");
}
