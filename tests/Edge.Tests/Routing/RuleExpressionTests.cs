using FsCheck;
using FsCheck.Fluent;
using Gateway.Routing.Rules;

namespace Gateway.Edge.Tests.Routing;

public sealed class RuleExpressionTests
{
    private static readonly string[] _words =
    [
        "key", "team", "model", "tokens", "stream", "hour", "weekday", "header", "metadata", "attribute", "lower", "length", "number", "in", "contains", "matches", "startsWith",
        "(", ")", "[", "]", ",", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "-", "\"a\"", "'b'", "12", "0.5", "true", "\"Europe/Berlin\"", "\"*a?\"", " ", "\\", "=", "é",
    ];

    [Theory]
    [InlineData("model == \"gpt\"", true)]
    [InlineData("model != 'gpt'", false)]
    [InlineData("tokens > 100 && tokens <= 200", true)]
    [InlineData("!(tokens < 100) || stream", true)]
    [InlineData("header[\"X-Tier\"] == \"gold\"", true)]
    [InlineData("header[\"missing\"] == \"\"", true)]
    [InlineData("metadata['project'] startsWith \"al\" && metadata['project'] endsWith 'ha'", true)]
    [InlineData("model in [\"a\", \"gpt\"]", true)]
    [InlineData("tokens in [1, 2, -3]", false)]
    [InlineData("[\"a\", \"team-1\"] contains team", true)]
    [InlineData("key contains \"ey\"", true)]
    [InlineData("model matches \"g*t\" && !(model matches \"?\")", true)]
    [InlineData("hour >= 9 && hour < 18 && weekday == 6", true)]
    [InlineData("hour(\"Asia/Tokyo\") == 22 && weekday(\"UTC\") in [6, 7]", true)]
    [InlineData("lower(header['X-Upper']) == \"abc\" && length(model) == 3", true)]
    [InlineData("number(header['X-Number']) > 41.5 && number(model) == 0", true)]
    [InlineData("attribute[\"tier\"] == \"\"", true)]
    [InlineData("budgetUsed >= 80", true)]
    [InlineData("stream == false", true)]
    [InlineData("true || false && false", true)]
    [InlineData("model < \"h\"", true)]
    public void An_expression_has_the_value_it_says(string text, bool expected)
    {
        var rule = RuleExpression.TryParse(text, out var problem);
        Assert.Null(problem);
        Assert.Equal(expected, rule!.Holds(new Facts()));
    }

    [Theory]
    [InlineData("", 1, "A value is expected here, not the end")]
    [InlineData("model", 1, "a condition must be true or false")]
    [InlineData("model = \"a\"", 7, "Equality is written '=='")]
    [InlineData("model == 5", 7, "'==' takes two texts, two numbers or two truth values, not a text and a number")]
    [InlineData("tokens > 1 && model", 12, "'&&' takes two conditions, but one side is a text")]
    [InlineData("modle == \"a\"", 1, "'modle' is not known")]
    [InlineData("model == \"a", 10, "has no closing \"")]
    [InlineData("hour(\"Mars\") > 1", 1, "is no time zone")]
    [InlineData("shout(model) == \"A\"", 1, "There is no function 'shout'")]
    [InlineData("tokens > 1 2", 12, "is left over")]
    [InlineData("1 < tokens < 3", 12, "Comparisons cannot be chained")]
    [InlineData("model in [\"a\", 1]", 10, "either texts or numbers")]
    [InlineData("cookie[\"a\"] == \"b\"", 1, "has no members")]
    [InlineData("!tokens", 1, "'!' takes a condition")]
    [InlineData("1.2.3 > 1", 1, "is no number")]
    public void A_wrong_expression_is_told_with_its_place(string text, int position, string message)
    {
        Assert.Null(RuleExpression.TryParse(text, out var problem));
        Assert.Equal(position, problem!.Position);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Length_depth_and_lists_are_bounded()
    {
        Assert.Contains("at most 2000 characters", Problem(new string(' ', 2_001)), StringComparison.Ordinal);
        Assert.Contains("nested deeper", Problem(new string('(', 500) + "true" + new string(')', 500)), StringComparison.Ordinal);
        Assert.Contains("nested deeper", Problem(new string('!', 500) + "true"), StringComparison.Ordinal);
        Assert.Contains("at most 200 items", Problem($"tokens in [{string.Join(',', Enumerable.Repeat("1", 300))}]"), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_either_a_rule_that_evaluates_or_a_problem_within_it()
    {
        var text = Gen.Elements(_words).ListOf().Select(static w => string.Join(' ', w.Take(40)));
        Prop.ForAll(text.ToArbitrary(), static t => Check(t)).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), static t => Check(t ?? "")).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_glob_matches_as_a_slow_and_obvious_one_does()
    {
        var small = Gen.Elements('a', 'b', '*', '?').ListOf().Select(static c => new string([.. c.Take(8)]));
        Prop.ForAll(small.ToArbitrary(), small.ToArbitrary(), static (text, pattern) => Glob.IsMatch(text, pattern) == Slow(text, pattern)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_hostile_glob_ends_soon() =>
        Assert.False(Glob.IsMatch(new string('a', 20_000), string.Concat(Enumerable.Repeat("a*", 100)) + "b"));

    private static bool Slow(string text, string pattern) => pattern.Length == 0
        ? text.Length == 0
        : pattern[0] == '*'
            ? Slow(text, pattern[1..]) || (text.Length > 0 && Slow(text[1..], pattern))
            : text.Length > 0 && (pattern[0] == '?' || pattern[0] == text[0]) && Slow(text[1..], pattern[1..]);

    private static bool Check(string text)
    {
        if (RuleExpression.TryParse(text, out var problem) is { } rule)
        {
            rule.Holds(new Facts());
            return problem is null;
        }

        return problem is { Message.Length: > 0 } && problem.Position >= 1 && problem.Position <= text.Length + 1;
    }

    private static string Problem(string text)
    {
        Assert.Null(RuleExpression.TryParse(text, out var problem));
        return problem!.Message;
    }

    private sealed class Facts : IRuleFacts
    {
        public DateTimeOffset Now => new(2026, 11, 21, 13, 0, 0, TimeSpan.Zero);

        public string Text(TextFact fact) => fact switch { TextFact.Key => "key-1", TextFact.Team => "team-1", TextFact.Model => "gpt", TextFact.Operation => "chat", _ => "" };

        public double Number(NumberFact fact) => fact switch { NumberFact.Tokens => 150, NumberFact.BudgetUsed => 85, _ => 0 };

        public bool Flag(FlagFact fact) => false;

        public string Header(string name) => name.ToUpperInvariant() switch { "X-TIER" => "gold", "X-UPPER" => "ABC", "X-NUMBER" => "42", _ => "" };

        public string Metadata(string name) => name == "project" ? "alpha" : "";

        public string Attribute(string name) => "";
    }
}
