namespace Gateway.Routing.Rules;

internal enum RuleType
{
    Bool,
    Number,
    Text,
    Texts,
    Numbers,
}

/// <summary>A compiled expression. Types are settled when it is parsed, so evaluation needs no checks, cannot fail and boxes nothing.</summary>
internal abstract class Node
{
    public abstract RuleType Type { get; }
}

internal abstract class BoolNode : Node
{
    public override RuleType Type => RuleType.Bool;

    public abstract bool Value(IRuleFacts facts);
}

internal abstract class NumberNode : Node
{
    public override RuleType Type => RuleType.Number;

    public abstract double Value(IRuleFacts facts);
}

internal abstract class TextNode : Node
{
    public override RuleType Type => RuleType.Text;

    public abstract string Value(IRuleFacts facts);
}

internal sealed class TextList(string[] values) : Node
{
    public override RuleType Type => RuleType.Texts;

    public bool Has(string value) => Array.IndexOf(values, value) >= 0;
}

internal sealed class NumberList(double[] values) : Node
{
    public override RuleType Type => RuleType.Numbers;

    public bool Has(double value) => Array.IndexOf(values, value) >= 0;
}

internal sealed class BoolOf(Func<IRuleFacts, bool> value) : BoolNode
{
    public override bool Value(IRuleFacts facts) => value(facts);
}

internal sealed class NumberOf(Func<IRuleFacts, double> value) : NumberNode
{
    public override double Value(IRuleFacts facts) => value(facts);
}

internal sealed class TextOf(Func<IRuleFacts, string> value) : TextNode
{
    public override string Value(IRuleFacts facts) => value(facts);
}

internal sealed class TextConstant(string text) : TextNode
{
    public string Text { get; } = text;

    public override string Value(IRuleFacts facts) => Text;
}

internal sealed class NumberConstant(double number) : NumberNode
{
    public double Number { get; } = number;

    public override double Value(IRuleFacts facts) => Number;
}

internal sealed class Both(BoolNode left, BoolNode right) : BoolNode
{
    public override bool Value(IRuleFacts facts) => left.Value(facts) && right.Value(facts);
}

internal sealed class Either(BoolNode left, BoolNode right) : BoolNode
{
    public override bool Value(IRuleFacts facts) => left.Value(facts) || right.Value(facts);
}

internal sealed class Not(BoolNode inner) : BoolNode
{
    public override bool Value(IRuleFacts facts) => !inner.Value(facts);
}
