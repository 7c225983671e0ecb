using System.Runtime.CompilerServices;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Syntax;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Compilation;

internal sealed partial class Compiler
{
    private void Value(Expression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw ScriptException.Syntax(expression.Line, expression.Column, "The expression is too long.", "use variables");
        }

        at = expression;
        switch (expression)
        {
            case Literal e:
                Emit(Opcode.Constant, Constant(e.Value));
                break;
            case NameExpression { Variable: { } variable }:
                Access(variable, Opcode.LoadGlobal, Opcode.LoadLocal, Opcode.LoadCell, Opcode.LoadFree);
                break;
            case NameExpression e:
                Emit(Opcode.LoadPredeclared, Constant(e.Name));
                break;
            case FormattedTextExpression e:
                foreach (var part in e.Parts)
                {
                    Value(part);
                }

                Emit(Opcode.Concatenate, e.Parts.Count);
                break;
            case FormattedPart e:
                Part(e);
                break;
            case CollectionExpression e:
                Collection(e);
                break;
            case UnaryExpression e:
                Value(e.Operand);
                at = e;
                Emit(e.Operator switch { "-" => Opcode.Negate, "+" => Opcode.Plus, "~" => Opcode.Invert, _ => Opcode.Not });
                break;
            case BinaryExpression e:
                Value(e.Left);
                Value(e.Right);
                at = e;
                Emit(Opcode.Binary, (int)Operators.Binary(e.Operator));
                break;
            case LogicalExpression e:
                Value(e.Left);
                at = e;
                var toEnd = Emit(e.IsAnd ? Opcode.JumpIfFalseOrPop : Opcode.JumpIfTrueOrPop);
                Value(e.Right);
                Land(toEnd);
                break;
            case ComparisonExpression e:
                Comparison(e);
                break;
            case ConditionalExpression e:
                Conditional(e);
                break;
            case LambdaExpression e:
                MakeFunction(e.Function);
                break;
            case CallExpression e:
                Call(e);
                break;
            case AttributeExpression e:
                Value(e.Target);
                at = e;
                Emit(Opcode.Attribute, Constant(e.Name));
                break;
            case IndexExpression e:
                Value(e.Target);
                Value(e.Index);
                at = e;
                Emit(Opcode.GetIndex);
                break;
            case SliceExpression e:
                OrNone(e.Start);
                OrNone(e.Stop);
                OrNone(e.Step);
                Emit(Opcode.BuildSlice);
                break;
            case ComprehensionExpression e:
                Comprehension(e);
                break;
            default:
                throw ScriptException.Syntax(expression.Line, expression.Column, "A star does not belong here.");
        }
    }

    private void OrNone(Expression? expression)
    {
        if (expression is null)
        {
            Emit(Opcode.Constant, Constant(None.Value));
        }
        else
        {
            Value(expression);
        }
    }

    private void Part(FormattedPart e)
    {
        if (e.Label is { } label)
        {
            Emit(Opcode.Constant, Constant(label));
        }

        Value(e.Value);
        if (e.Format is { } format)
        {
            Value(format);
        }

        at = e;
        Emit(Opcode.Format, (e.IsRepr ? 1 : 0) | (e.Format is null ? 0 : 2));
        if (e.Label is not null)
        {
            Emit(Opcode.Concatenate, 2);
        }
    }

    private void Collection(CollectionExpression e)
    {
        if (e.Items.Any(static i => i is Starred))
        {
            Spread(e);
            return;
        }

        foreach (var item in e.Items)
        {
            Value(item);
        }

        at = e;
        Emit(e.Kind switch { CollectionKind.List => Opcode.BuildList, CollectionKind.Tuple => Opcode.BuildTuple, CollectionKind.Set => Opcode.BuildSet, _ => Opcode.BuildDict },
            e.Kind == CollectionKind.Dict ? e.Items.Count / 2 : e.Items.Count);
    }

    private void Spread(CollectionExpression e)
    {
        Emit(e.Kind switch { CollectionKind.Dict => Opcode.BuildDict, CollectionKind.Set => Opcode.BuildSet, _ => Opcode.BuildList });
        for (var i = 0; i < e.Items.Count; i++)
        {
            if (e.Items[i] is Starred starred)
            {
                Value(starred.Value);
                at = starred;
                Emit(starred.IsDouble ? Opcode.ExtendPairs : Opcode.Extend);
                i += starred.IsDouble ? 1 : 0;
            }
            else if (e.Kind == CollectionKind.Dict)
            {
                Value(e.Items[i]);
                Value(e.Items[++i]);
                Emit(Opcode.AppendPair);
            }
            else
            {
                Value(e.Items[i]);
                Emit(Opcode.Append);
            }
        }

        if (e.Kind == CollectionKind.Tuple)
        {
            Emit(Opcode.ToTuple);
        }
    }

    // a < b < c: b is kept below the outcome of a < b, and compared with c only where that holds.
    private void Comparison(ComparisonExpression e)
    {
        Value(e.First);
        var exits = new List<int>();
        for (var i = 0; i < e.Rest.Count; i++)
        {
            var (op, operand) = e.Rest[i];
            Value(operand);
            at = e;
            if (i == e.Rest.Count - 1)
            {
                Emit(Opcode.Compare, (int)Operators.Comparison(op));
                break;
            }

            Emit(Opcode.Duplicate);
            Emit(Opcode.Rotate);
            Emit(Opcode.Compare, (int)Operators.Comparison(op));
            exits.Add(Emit(Opcode.JumpIfFalseOrPop));
        }

        if (exits.Count == 0)
        {
            return;
        }

        var toEnd = Emit(Opcode.Jump);
        foreach (var exit in exits)
        {
            Land(exit);
        }

        Emit(Opcode.Swap);
        Emit(Opcode.Pop);
        Land(toEnd);
    }

    private void Conditional(ConditionalExpression e)
    {
        Value(e.Condition);
        at = e;
        var toElse = Emit(Opcode.JumpIfFalse);
        Value(e.Then);
        var toEnd = Emit(Opcode.Jump);
        Land(toElse);
        Value(e.Otherwise);
        Land(toEnd);
    }

    private void MakeFunction(FunctionNode node)
    {
        foreach (var parameter in node.Parameters)
        {
            if (parameter.Default is { } value)
            {
                Value(value);
            }
        }

        at = node;
        Emit(Opcode.MakeFunction, Constant(Compile(node)));
    }

    private void Call(CallExpression e)
    {
        Value(e.Callee);
        if (e.Arguments.Any(static a => a.Value is Starred))
        {
            SpreadArguments(e);
            return;
        }

        foreach (var argument in e.Arguments)
        {
            Value(argument.Value);
        }

        at = e;
        Emit(Opcode.Call, Constant(new CallShape(e.Arguments.Count(static a => a.Name is null), [.. e.Arguments.Where(static a => a.Name is not null).Select(static a => a.Name!)])));
    }

    private void SpreadArguments(CallExpression e)
    {
        Emit(Opcode.BuildList);
        foreach (var argument in e.Arguments.Where(static a => a is { Name: null, Value: not Starred { IsDouble: true } }))
        {
            var isStarred = argument.Value is Starred;
            Value(argument.Value is Starred starred ? starred.Value : argument.Value);
            Emit(isStarred ? Opcode.Extend : Opcode.Append);
        }

        Emit(Opcode.BuildDict);
        foreach (var argument in e.Arguments.Where(static a => a.Name is not null || a.Value is Starred { IsDouble: true }))
        {
            if (argument.Name is { } name)
            {
                Emit(Opcode.Constant, Constant(name));
                Value(argument.Value);
                Emit(Opcode.AppendPair);
            }
            else
            {
                Value(((Starred)argument.Value).Value);
                Emit(Opcode.ExtendPairs);
            }
        }

        at = e;
        Emit(Opcode.CallSpread);
    }

    private void Comprehension(ComprehensionExpression e)
    {
        Emit(e.Kind switch { CollectionKind.Dict => Opcode.BuildDict, CollectionKind.Set => Opcode.BuildSet, _ => Opcode.BuildList });
        Clause(e, 0, 0);
    }

    private void Clause(ComprehensionExpression e, int index, int depth)
    {
        if (index == e.Clauses.Count)
        {
            Value(e.Element);
            if (e.Value is { } value)
            {
                Value(value);
            }

            at = e;
            Emit(e.Kind == CollectionKind.Dict ? Opcode.AppendPair : Opcode.Append, depth);
            return;
        }

        var clause = e.Clauses[index];
        Value(clause.Source);
        if (clause.Target is not { } target)
        {
            var toNext = Emit(Opcode.JumpIfFalse);
            Clause(e, index + 1, depth);
            Land(toNext);
            return;
        }

        Emit(Opcode.Iterate);
        var start = instructions.Count;
        var toEnd = Emit(Opcode.ForNext);
        Store(target);
        Clause(e, index + 1, depth + 1);
        Emit(Opcode.Jump, start);
        Land(toEnd);
    }
}
