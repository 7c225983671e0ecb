using Gateway.Starlark.Compilation;

namespace Gateway.Starlark.Syntax;

internal abstract class Statement : Node;

internal sealed class ExpressionStatement(Expression value) : Statement
{
    public Expression Value { get; } = value;
}

/// <summary><c>a = b = value</c>.</summary>
internal sealed class AssignStatement(IReadOnlyList<Expression> targets, Expression value) : Statement
{
    public IReadOnlyList<Expression> Targets { get; } = targets;

    public Expression Value { get; } = value;
}

internal sealed class AugmentedAssignStatement(Expression target, string op, Expression value) : Statement
{
    public Expression Target { get; } = target;

    /// <summary>The operator without its <c>=</c>.</summary>
    public string Operator { get; } = op;

    public Expression Value { get; } = value;
}

internal sealed class IfStatement(Expression condition, IReadOnlyList<Statement> then, IReadOnlyList<Statement> otherwise) : Statement
{
    public Expression Condition { get; } = condition;

    public IReadOnlyList<Statement> Then { get; } = then;

    public IReadOnlyList<Statement> Otherwise { get; } = otherwise;
}

internal sealed class WhileStatement(Expression condition, IReadOnlyList<Statement> body) : Statement
{
    public Expression Condition { get; } = condition;

    public IReadOnlyList<Statement> Body { get; } = body;
}

internal sealed class ForStatement(Expression target, Expression source, IReadOnlyList<Statement> body) : Statement
{
    public Expression Target { get; } = target;

    public Expression Source { get; } = source;

    public IReadOnlyList<Statement> Body { get; } = body;
}

internal sealed class DefStatement(NameExpression name, FunctionNode function) : Statement
{
    public NameExpression Name { get; } = name;

    public FunctionNode Function { get; } = function;
}

internal sealed class ReturnStatement(Expression? value) : Statement
{
    public Expression? Value { get; } = value;
}

internal sealed class BreakStatement : Statement;

internal sealed class ContinueStatement : Statement;

internal sealed class PassStatement : Statement;

/// <summary>An error in the body is handled by the handler, whatever its sort.</summary>
internal sealed class TryStatement(IReadOnlyList<Statement> body, NameExpression? error, IReadOnlyList<Statement> handler) : Statement
{
    public IReadOnlyList<Statement> Body { get; } = body;

    public NameExpression? Error { get; } = error;

    public IReadOnlyList<Statement> Handler { get; } = handler;
}

internal sealed class RaiseStatement(Expression value) : Statement
{
    public Expression Value { get; } = value;
}

internal sealed class DeleteStatement(IndexExpression target) : Statement
{
    public IndexExpression Target { get; } = target;
}

/// <summary><c>global a, b</c> or <c>nonlocal a, b</c>.</summary>
internal sealed class ScopeStatement(bool isGlobal, IReadOnlyList<string> names) : Statement
{
    public bool IsGlobal { get; } = isGlobal;

    public IReadOnlyList<string> Names { get; } = names;
}

internal enum ParameterKind
{
    Plain,

    /// <summary>Only by name: after <c>*</c>.</summary>
    NameOnly,

    /// <summary><c>*args</c>.</summary>
    Rest,

    /// <summary><c>**kwargs</c>.</summary>
    Named,
}

internal sealed record Parameter(NameExpression Name, ParameterKind Kind, Expression? Default);

/// <summary>A function: of a lambda the body is one return.</summary>
internal sealed class FunctionNode(string name, IReadOnlyList<Parameter> parameters, IReadOnlyList<Statement> body) : Node
{
    public string Name { get; } = name;

    public IReadOnlyList<Parameter> Parameters { get; } = parameters;

    public IReadOnlyList<Statement> Body { get; } = body;

    /// <summary>What its names mean; set by the resolver.</summary>
    public FunctionScope? Scope { get; set; }
}
