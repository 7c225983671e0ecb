using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Methods of sets.</summary>
internal static class SetMethods
{
    public static readonly Dictionary<string, Func<Invocation, object>> All = new()
    {
        ["add"] = static c => Add(c, c.Bind("item")[0]!),
        ["discard"] = static c => Self(c).Members.Remove(c.Bind("item")[0]!, c.Meter) ? None.Value : None.Value,
        ["remove"] = static c => Self(c).Members.Remove(c.Bind("item")[0]!, c.Meter) ? None.Value : throw c.Error("the member is not in the set."),
        ["clear"] = Clear,
        ["copy"] = static c => c.Bind() is null ? None.Value : Builtins.SetOf(c, c.Self),
        ["update"] = Update,
        ["union"] = static c => Combine(c, BinaryOperator.Or),
        ["intersection"] = static c => Combine(c, BinaryOperator.And),
        ["difference"] = static c => Combine(c, BinaryOperator.Subtract),
        ["symmetric_difference"] = static c => Combine(c, BinaryOperator.ExclusiveOr),
        ["issubset"] = static c => Boxes.Of(Sequences.CompareSets(ComparisonOperator.LessOrEqual, Self(c), Builtins.SetOf(c, c.Bind("other")[0]!), c.Meter)),
        ["issuperset"] = static c => Boxes.Of(Sequences.CompareSets(ComparisonOperator.GreaterOrEqual, Self(c), Builtins.SetOf(c, c.Bind("other")[0]!), c.Meter)),
    };

    private static SetValue Self(Invocation call) => (SetValue)call.Self;

    private static None Add(Invocation call, object item)
    {
        call.Meter.Allocate(48);
        Self(call).Add(item);
        return None.Value;
    }

    private static None Clear(Invocation call)
    {
        call.Bind();
        Self(call).Members.Clear();
        return None.Value;
    }

    private static None Update(Invocation call)
    {
        foreach (var source in call.Positional)
        {
            foreach (var item in Iteration.ToList(source, call.Meter))
            {
                Add(call, item);
            }
        }

        return None.Value;
    }

    private static SetValue Combine(Invocation call, BinaryOperator op)
    {
        var result = Self(call);
        foreach (var other in call.Positional)
        {
            result = Sequences.Combine(op, result, Builtins.SetOf(call, other), call.Meter);
        }

        return call.Positional.Length == 0 ? Builtins.SetOf(call, result) : result;
    }
}
