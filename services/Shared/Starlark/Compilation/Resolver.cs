using System.Runtime.CompilerServices;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Syntax;

namespace Gateway.Starlark.Compilation;

/// <summary>Finds out what each name means: a variable of the program, of a function or a comprehension, or something that is there from the start.</summary>
internal sealed class Resolver(IReadOnlyCollection<string> predeclared)
{
    private readonly List<string> globals = [];
    private readonly Dictionary<string, Variable> globalVariables = [];
    private readonly FunctionScope program = new(null);
    private Block block = null!;

    /// <summary>Names of the program's variables by slot.</summary>
    public IReadOnlyList<string> Globals => globals;

    public void Resolve(FunctionNode node)
    {
        node.Scope = program;
        block = new Block(null, program);
        Declare(node.Body, program);
        Visit(node.Body);
    }

    private Variable Global(string name)
    {
        if (!globalVariables.TryGetValue(name, out var variable))
        {
            variable = new Variable(name, program, globals.Count, isGlobal: true);
            globals.Add(name);
            globalVariables.Add(name, variable);
        }

        return variable;
    }

    private static Variable Local(string name, FunctionScope function)
    {
        var variable = new Variable(name, function, function.Locals.Count, isGlobal: false);
        function.Locals.Add(variable);
        return variable;
    }

    /// <summary>Declares what the statements bind, nested blocks included and nested functions not.</summary>
    private void Declare(IReadOnlyList<Statement> body, FunctionScope function)
    {
        foreach (var statement in body)
        {
            switch (statement)
            {
                case AssignStatement assign:
                    foreach (var target in assign.Targets)
                    {
                        Bind(target, function);
                    }

                    break;
                case AugmentedAssignStatement { Target: NameExpression target }:
                    Bind(target, function);
                    break;
                case ForStatement loop:
                    Bind(loop.Target, function);
                    Declare(loop.Body, function);
                    break;
                case WhileStatement loop:
                    Declare(loop.Body, function);
                    break;
                case IfStatement choice:
                    Declare(choice.Then, function);
                    Declare(choice.Otherwise, function);
                    break;
                case DefStatement def:
                    Bind(def.Name, function);
                    break;
                case TryStatement attempt:
                    Declare(attempt.Body, function);
                    if (attempt.Error is { } error)
                    {
                        Bind(error, function);
                    }

                    Declare(attempt.Handler, function);
                    break;
                case ScopeStatement scope:
                    foreach (var name in scope.Names)
                    {
                        block.Add(name, scope.IsGlobal ? Global(name) : block.Find(name) is { IsGlobal: false } outer && outer.Owner != function ? outer
                            : throw ScriptException.Syntax(scope.Line, scope.Column, $"No function around this one has a variable {name}."));
                    }

                    break;
            }
        }
    }

    private void Bind(Expression target, FunctionScope function)
    {
        switch (target)
        {
            case NameExpression name when !block.Has(name.Name):
                block.Add(name.Name, function == program ? Global(name.Name) : Local(name.Name, function));
                break;
            case CollectionExpression several:
                foreach (var item in several.Items)
                {
                    Bind(item, function);
                }

                break;
        }
    }

    private void Visit(IReadOnlyList<Statement> body)
    {
        foreach (var statement in body)
        {
            Visit(statement);
        }
    }

    private void Visit(Statement statement)
    {
        switch (statement)
        {
            case ExpressionStatement s:
                Visit(s.Value);
                break;
            case AssignStatement s:
                Visit(s.Value);
                VisitAll(s.Targets);
                break;
            case AugmentedAssignStatement s:
                Visit(s.Value);
                Visit(s.Target);
                break;
            case IfStatement s:
                Visit(s.Condition);
                Visit(s.Then);
                Visit(s.Otherwise);
                break;
            case WhileStatement s:
                Visit(s.Condition);
                Visit(s.Body);
                break;
            case ForStatement s:
                Visit(s.Source);
                Visit(s.Target);
                Visit(s.Body);
                break;
            case DefStatement s:
                Visit(s.Name);
                Function(s.Function);
                break;
            case ReturnStatement { Value: { } value }:
                Visit(value);
                break;
            case TryStatement s:
                Visit(s.Body);
                if (s.Error is { } error)
                {
                    Visit(error);
                }

                Visit(s.Handler);
                break;
            case RaiseStatement s:
                Visit(s.Value);
                break;
            case DeleteStatement s:
                Visit(s.Target);
                break;
        }
    }

    private void VisitAll(IReadOnlyList<Expression> expressions)
    {
        foreach (var expression in expressions)
        {
            Visit(expression);
        }
    }

    private void Visit(Expression? expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw ScriptException.Syntax(expression?.Line ?? 0, expression?.Column ?? 0, "The expression is too long.", "use variables");
        }

        switch (expression)
        {
            case NameExpression e:
                Name(e);
                break;
            case FormattedTextExpression e:
                VisitAll(e.Parts);
                break;
            case FormattedPart e:
                Visit(e.Value);
                Visit(e.Format);
                break;
            case CollectionExpression e:
                VisitAll(e.Items);
                break;
            case Starred e:
                Visit(e.Value);
                break;
            case UnaryExpression e:
                Visit(e.Operand);
                break;
            case BinaryExpression e:
                Visit(e.Left);
                Visit(e.Right);
                break;
            case LogicalExpression e:
                Visit(e.Left);
                Visit(e.Right);
                break;
            case ComparisonExpression e:
                Visit(e.First);
                foreach (var (_, operand) in e.Rest)
                {
                    Visit(operand);
                }

                break;
            case ConditionalExpression e:
                Visit(e.Condition);
                Visit(e.Then);
                Visit(e.Otherwise);
                break;
            case LambdaExpression e:
                Function(e.Function);
                break;
            case CallExpression e:
                Visit(e.Callee);
                foreach (var argument in e.Arguments)
                {
                    Visit(argument.Value);
                }

                break;
            case AttributeExpression e:
                Visit(e.Target);
                break;
            case IndexExpression e:
                Visit(e.Target);
                Visit(e.Index);
                break;
            case SliceExpression e:
                Visit(e.Start);
                Visit(e.Stop);
                Visit(e.Step);
                break;
            case ComprehensionExpression e:
                Comprehension(e);
                break;
        }
    }

    private void Comprehension(ComprehensionExpression e)
    {
        // The first source does not see what the comprehension binds.
        Visit(e.Clauses[0].Source);
        var outer = block;
        block = new Block(outer, outer.Function);
        for (var i = 0; i < e.Clauses.Count; i++)
        {
            var clause = e.Clauses[i];
            if (i > 0)
            {
                Visit(clause.Source);
            }

            if (clause.Target is { } target)
            {
                BindLocal(target);
                Visit(target);
            }
        }

        Visit(e.Element);
        Visit(e.Value);
        block = outer;
    }

    private void BindLocal(Expression target)
    {
        if (target is NameExpression name && !block.Has(name.Name))
        {
            block.Add(name.Name, Local(name.Name, block.Function));
        }
        else if (target is CollectionExpression several)
        {
            foreach (var item in several.Items)
            {
                BindLocal(item);
            }
        }
    }

    private void Function(FunctionNode node)
    {
        foreach (var parameter in node.Parameters)
        {
            Visit(parameter.Default);
        }

        var outer = block;
        node.Scope = new FunctionScope(outer.Function);
        block = new Block(outer, node.Scope);
        foreach (var parameter in node.Parameters)
        {
            block.Add(parameter.Name.Name, Local(parameter.Name.Name, node.Scope));
        }

        Declare(node.Body, node.Scope);
        foreach (var parameter in node.Parameters)
        {
            Visit(parameter.Name);
        }

        Visit(node.Body);
        block = outer;
    }

    private void Name(NameExpression e)
    {
        e.Variable = block.Find(e.Name);
        if (e.Variable is not { } variable)
        {
            if (!predeclared.Contains(e.Name))
            {
                throw ScriptException.Syntax(e.Line, e.Column, $"The name {e.Name} is not known.", NameHints.For(e.Name, block.Known().Concat(predeclared)));
            }

            return;
        }

        if (variable.IsGlobal || variable.Owner == block.Function)
        {
            return;
        }

        variable.IsCaptured = true;
        for (var function = block.Function; function != variable.Owner; function = function!.Parent!)
        {
            function.FreeIndex(variable);
        }
    }
}
