using Gateway.Starlark.Syntax;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Compilation;

/// <summary>Turns one function of a resolved program into instructions.</summary>
internal sealed partial class Compiler(FunctionNode function)
{
    private readonly FunctionScope scope = function.Scope!;
    private readonly List<Instruction> instructions = [];
    private readonly List<(int, int)> places = [];
    private readonly List<object> constants = [];
    private readonly Stack<LoopFrame> loops = new();
    private int tries;
    private Node at = function;

    public static Code Compile(FunctionNode function)
    {
        var compiler = new Compiler(function);
        compiler.Body(function.Body);
        compiler.Emit(Opcode.Constant, compiler.Constant(None.Value));
        compiler.Emit(Opcode.Return);
        return compiler.ToCode();
    }

    private Code ToCode() => new()
    {
        Name = function.Name,
        Instructions = [.. instructions],
        Places = [.. places],
        Constants = [.. constants],
        Parameters = [.. function.Parameters.Select(static p => new CodeParameter(p.Name.Name, p.Kind, p.Default is not null))],
        LocalCount = scope.Locals.Count,
        Cells = [.. scope.Locals.Where(static v => v.IsCaptured).Select(static v => v.Slot)],
        Free = [.. scope.Free.Select(v => v.Owner == scope.Parent ? v.Slot : -1 - scope.Parent!.FreeIndex(v))],
        LocalNames = [.. scope.Locals.Select(static v => v.Name)],
        FreeNames = [.. scope.Free.Select(static v => v.Name)],
    };

    private void Body(IReadOnlyList<Statement> body)
    {
        foreach (var statement in body)
        {
            at = statement;
            One(statement);
        }
    }

    private void One(Statement statement)
    {
        switch (statement)
        {
            case ExpressionStatement s:
                Value(s.Value);
                Emit(Opcode.Pop);
                break;
            case AssignStatement s:
                Value(s.Value);
                for (var i = 0; i < s.Targets.Count; i++)
                {
                    if (i < s.Targets.Count - 1)
                    {
                        Emit(Opcode.Duplicate);
                    }

                    Store(s.Targets[i]);
                }

                break;
            case AugmentedAssignStatement s:
                Augment(s);
                break;
            case IfStatement s:
                If(s);
                break;
            case WhileStatement s:
                While(s);
                break;
            case ForStatement s:
                For(s);
                break;
            case DefStatement s:
                MakeFunction(s.Function);
                Store(s.Name);
                break;
            case ReturnStatement s:
                if (s.Value is { } value)
                {
                    Value(value);
                }
                else
                {
                    Emit(Opcode.Constant, Constant(None.Value));
                }

                Emit(Opcode.Return);
                break;
            case BreakStatement:
                LeaveTries();
                if (loops.Peek().HasIterator)
                {
                    Emit(Opcode.Pop);
                }

                loops.Peek().Breaks.Add(Emit(Opcode.Jump));
                break;
            case ContinueStatement:
                LeaveTries();
                Emit(Opcode.Jump, loops.Peek().Start);
                break;
            case TryStatement s:
                Try(s);
                break;
            case RaiseStatement s:
                Value(s.Value);
                Emit(Opcode.Raise);
                break;
            case DeleteStatement s:
                Value(s.Target.Target);
                Value(s.Target.Index);
                Emit(Opcode.DeleteIndex);
                break;
        }
    }

    private void Augment(AugmentedAssignStatement s)
    {
        var op = (int)Operators.Binary(s.Operator);
        if (s.Target is IndexExpression index)
        {
            Value(index.Target);
            Value(index.Index);
            Emit(Opcode.DuplicateTwo);
            Emit(Opcode.GetIndex);
            Value(s.Value);
            at = s;
            Emit(Opcode.BinaryInPlace, op);
            Emit(Opcode.Rotate);
            Emit(Opcode.SetIndex);
        }
        else
        {
            Value(s.Target);
            Value(s.Value);
            at = s;
            Emit(Opcode.BinaryInPlace, op);
            Store(s.Target);
        }
    }

    private void If(IfStatement s)
    {
        Value(s.Condition);
        var toElse = Emit(Opcode.JumpIfFalse);
        Body(s.Then);
        if (s.Otherwise.Count == 0)
        {
            Land(toElse);
            return;
        }

        var toEnd = Emit(Opcode.Jump);
        Land(toElse);
        Body(s.Otherwise);
        Land(toEnd);
    }

    private void While(WhileStatement s)
    {
        var loop = new LoopFrame(instructions.Count, HasIterator: false, tries);
        loops.Push(loop);
        Value(s.Condition);
        var toEnd = Emit(Opcode.JumpIfFalse);
        Body(s.Body);
        Emit(Opcode.Jump, loop.Start);
        Land(toEnd);
        LandBreaks();
    }

    private void For(ForStatement s)
    {
        Value(s.Source);
        Emit(Opcode.Iterate);
        var loop = new LoopFrame(instructions.Count, HasIterator: true, tries);
        loops.Push(loop);
        var toEnd = Emit(Opcode.ForNext);
        Store(s.Target);
        Body(s.Body);
        Emit(Opcode.Jump, loop.Start);
        Land(toEnd);
        LandBreaks();
    }

    private void LandBreaks()
    {
        foreach (var jump in loops.Pop().Breaks)
        {
            Land(jump);
        }
    }

    private void LeaveTries()
    {
        for (var i = loops.Peek().Tries; i < tries; i++)
        {
            Emit(Opcode.EndTry);
        }
    }

    private void Try(TryStatement s)
    {
        var toHandler = Emit(Opcode.Try);
        tries++;
        Body(s.Body);
        tries--;
        Emit(Opcode.EndTry);
        var toEnd = Emit(Opcode.Jump);
        Land(toHandler);
        if (s.Error is { } error)
        {
            Store(error);
        }
        else
        {
            Emit(Opcode.Pop);
        }

        Body(s.Handler);
        Land(toEnd);
    }

    private void Store(Expression target)
    {
        at = target;
        switch (target)
        {
            case NameExpression { Variable: { } variable }:
                Access(variable, Opcode.StoreGlobal, Opcode.StoreLocal, Opcode.StoreCell, Opcode.StoreFree);
                break;
            case IndexExpression index:
                Value(index.Target);
                Value(index.Index);
                at = target;
                Emit(Opcode.SetIndex);
                break;
            case CollectionExpression several:
                Emit(Opcode.Unpack, several.Items.Count);
                foreach (var item in several.Items)
                {
                    Store(item);
                }

                break;
        }
    }

    private void Access(Variable variable, Opcode global, Opcode local, Opcode cell, Opcode free)
    {
        if (variable.IsGlobal)
        {
            Emit(global, variable.Slot);
        }
        else if (variable.Owner != scope)
        {
            Emit(free, scope.FreeIndex(variable));
        }
        else
        {
            Emit(variable.IsCaptured ? cell : local, variable.Slot);
        }
    }

    private int Constant(object value)
    {
        constants.Add(value);
        return constants.Count - 1;
    }

    /// <returns>Where the instruction stands.</returns>
    private int Emit(Opcode opcode, int a = 0)
    {
        instructions.Add(new Instruction(opcode, a));
        places.Add((at.Line, at.Column));
        return instructions.Count - 1;
    }

    /// <summary>Makes a jump lead to what comes next.</summary>
    private void Land(int jump) => instructions[jump] = instructions[jump] with { A = instructions.Count };

    private sealed record LoopFrame(int Start, bool HasIterator, int Tries)
    {
        public List<int> Breaks { get; } = [];
    }
}
