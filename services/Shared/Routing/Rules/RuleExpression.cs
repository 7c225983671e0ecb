namespace Gateway.Routing.Rules;

/// <summary>A condition over a request, compiled. Evaluation is total: it has no loops, no errors and no side effects, and is safe to share between threads.</summary>
public sealed class RuleExpression
{
    /// <summary>Longest expression in characters.</summary>
    public const int MostLength = 2_000;

    private readonly BoolNode _condition;

    private RuleExpression(string text, BoolNode condition) => (Text, _condition) = (text, condition);

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="problem">What is wrong with it and where, or null.</param>
    /// <returns>Null when there is a problem.</returns>
    public static RuleExpression? TryParse(string text, out RuleProblem? problem)
    {
        if (text.Length > MostLength)
        {
            problem = new RuleProblem(MostLength + 1, $"An expression has at most {MostLength} characters, this one has {text.Length}.");
            return null;
        }

        var tokens = new List<Token>();
        problem = Lexer.Read(text, tokens);
        if (problem is not null)
        {
            return null;
        }

        (var condition, problem) = new Parser(tokens).Parse();
        return condition is null ? null : new RuleExpression(text, condition);
    }

    /// <summary>Whether the condition holds.</summary>
    public bool Holds(IRuleFacts facts) => _condition.Value(facts);
}
