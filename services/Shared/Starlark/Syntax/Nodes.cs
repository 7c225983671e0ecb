using Gateway.Starlark.Compilation;

namespace Gateway.Starlark.Syntax;

/// <summary>A part of a program, with its place.</summary>
internal abstract class Node
{
    public required int Line { get; init; }

    public required int Column { get; init; }
}

internal abstract class Expression : Node;

internal sealed class Literal(object value) : Expression
{
    public object Value { get; } = value;
}

internal sealed class NameExpression(string name) : Expression
{
    public string Name { get; } = name;

    /// <summary>What the name means; set by the resolver.</summary>
    public Variable? Variable { get; set; }
}

/// <summary>A formatted text: each part is a <see cref="Literal"/> or a <see cref="FormattedPart"/>.</summary>
internal sealed class FormattedTextExpression(IReadOnlyList<Expression> parts) : Expression
{
    public IReadOnlyList<Expression> Parts { get; } = parts;
}

internal sealed class FormattedPart(Expression value, bool isRepr, string? label, Expression? format) : Expression
{
    public Expression Value { get; } = value;

    public bool IsRepr { get; } = isRepr;

    /// <summary>What stands before the value in <c>{x=}</c>, or null.</summary>
    public string? Label { get; } = label;

    public Expression? Format { get; } = format;
}

internal enum CollectionKind
{
    List,
    Tuple,
    Set,
    Dict,
}

/// <summary>A list, tuple or set; a dict has keys and values in turn. An item may be a <see cref="Starred"/>.</summary>
internal sealed class CollectionExpression(CollectionKind kind, IReadOnlyList<Expression> items) : Expression
{
    public CollectionKind Kind { get; } = kind;

    public IReadOnlyList<Expression> Items { get; } = items;
}

/// <summary><c>*x</c>, or <c>**x</c> in a dict or call.</summary>
internal sealed class Starred(Expression value, bool isDouble) : Expression
{
    public Expression Value { get; } = value;

    public bool IsDouble { get; } = isDouble;
}

internal sealed class UnaryExpression(string op, Expression operand) : Expression
{
    public string Operator { get; } = op;

    public Expression Operand { get; } = operand;
}

internal sealed class BinaryExpression(string op, Expression left, Expression right) : Expression
{
    public string Operator { get; } = op;

    public Expression Left { get; } = left;

    public Expression Right { get; } = right;
}

/// <summary><c>and</c> and <c>or</c>, which do not evaluate what they need not.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right) : Expression
{
    public bool IsAnd { get; } = isAnd;

    public Expression Left { get; } = left;

    public Expression Right { get; } = right;
}

/// <summary>One comparison, or a chain such as <c>a &lt; b &lt; c</c>.</summary>
internal sealed class ComparisonExpression(Expression first, IReadOnlyList<(string Operator, Expression Operand)> rest) : Expression
{
    public Expression First { get; } = first;

    public IReadOnlyList<(string Operator, Expression Operand)> Rest { get; } = rest;
}

internal sealed class ConditionalExpression(Expression condition, Expression then, Expression otherwise) : Expression
{
    public Expression Condition { get; } = condition;

    public Expression Then { get; } = then;

    public Expression Otherwise { get; } = otherwise;
}

internal sealed class LambdaExpression(FunctionNode function) : Expression
{
    public FunctionNode Function { get; } = function;
}

/// <summary>An argument of a call: positional, named, or one of <c>*x</c> and <c>**x</c>.</summary>
internal sealed record Argument(string? Name, Expression Value);

internal sealed class CallExpression(Expression callee, IReadOnlyList<Argument> arguments) : Expression
{
    public Expression Callee { get; } = callee;

    public IReadOnlyList<Argument> Arguments { get; } = arguments;
}

internal sealed class AttributeExpression(Expression target, string name) : Expression
{
    public Expression Target { get; } = target;

    public string Name { get; } = name;
}

internal sealed class IndexExpression(Expression target, Expression index) : Expression
{
    public Expression Target { get; } = target;

    public Expression Index { get; } = index;
}

internal sealed class SliceExpression(Expression? start, Expression? stop, Expression? step) : Expression
{
    public Expression? Start { get; } = start;

    public Expression? Stop { get; } = stop;

    public Expression? Step { get; } = step;
}

/// <summary><c>for target in source</c>, or <c>if condition</c> where there is no target.</summary>
internal sealed record ComprehensionClause(Expression? Target, Expression Source);

/// <summary>A comprehension: of a dict with a value. A generator is a list.</summary>
internal sealed class ComprehensionExpression(CollectionKind kind, Expression element, Expression? value, IReadOnlyList<ComprehensionClause> clauses) : Expression
{
    public CollectionKind Kind { get; } = kind;

    public Expression Element { get; } = element;

    public Expression? Value { get; } = value;

    public IReadOnlyList<ComprehensionClause> Clauses { get; } = clauses;
}
