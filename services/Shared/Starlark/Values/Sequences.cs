using System.Text;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Operators on texts, lists, tuples, dicts and sets.</summary>
internal static class Sequences
{
    /// <summary>The result, or null where the operator does not fit.</summary>
    public static object? Apply(BinaryOperator op, object a, object b, Meter meter) => (op, a, b) switch
    {
        (BinaryOperator.Add, string s, string t) => Concatenate(s, t, meter),
        (BinaryOperator.Add, ListValue s, ListValue t) => new ListValue([.. Joined(s.Items, t.Items, meter)]),
        (BinaryOperator.Add, TupleValue s, TupleValue t) => new TupleValue([.. Joined(s.Items, t.Items, meter)]),
        (BinaryOperator.Multiply, string or ListValue or TupleValue, long or bool) => Repeat(a, b, meter),
        (BinaryOperator.Multiply, long or bool, string or ListValue or TupleValue) => Repeat(b, a, meter),
        (BinaryOperator.Or, DictValue s, DictValue t) => Merge(s, t, meter),
        (BinaryOperator.Or or BinaryOperator.And or BinaryOperator.Subtract or BinaryOperator.ExclusiveOr, SetValue s, SetValue t) => Combine(op, s, t, meter),
        _ => null,
    };

    public static bool Has(object container, object value, Meter meter)
    {
        switch (container)
        {
            case string text:
                return value is string part ? TextSearch.IndexOf(text, part, 0, meter) >= 0
                    : throw ScriptException.Runtime($"A text contains texts, and this is a {ValueTypes.NameOf(value)}.", "make a text of it with str()");
            case DictValue dict:
                return dict.Items.ContainsKey(value);
            case SetValue set:
                return set.Has(value);
            case RangeValue range:
                return ValueTypes.IsInteger(value, out var integer) && range.Has(integer);
            case ListValue list:
                return list.Items.Exists(item => ValueComparer.AreEqual(item, value, meter));
            case TupleValue tuple:
                return Array.Exists(tuple.Items, item => ValueComparer.AreEqual(item, value, meter));
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(container)} contains nothing.");
        }
    }

    public static void Extend(ListValue list, object source, Meter meter)
    {
        // Of itself a copy is taken first: it would never end.
        var items = Iteration.ToList(source, meter);
        list.Items.AddRange(items);
        list.Version++;
    }

    public static bool CompareSets(ComparisonOperator op, SetValue a, SetValue b, Meter meter)
    {
        var (small, large, isStrict) = op switch
        {
            ComparisonOperator.Less => (a, b, true),
            ComparisonOperator.LessOrEqual => (a, b, false),
            ComparisonOperator.Greater => (b, a, true),
            _ => (b, a, false),
        };
        meter.Step(small.Members.Items.Count);
        return small.Members.Items.Keys.All(large.Has) && (!isStrict || small.Members.Items.Count < large.Members.Items.Count);
    }

    public static SetValue Combine(BinaryOperator op, SetValue a, SetValue b, Meter meter)
    {
        meter.AllocateItems(a.Members.Items.Count + b.Members.Items.Count);
        var result = new SetValue();
        foreach (var item in a.Members.Items.Keys)
        {
            if (op == BinaryOperator.Or || b.Has(item) == (op == BinaryOperator.And))
            {
                result.Add(item);
            }
        }

        if (op is BinaryOperator.Or or BinaryOperator.ExclusiveOr)
        {
            foreach (var item in b.Members.Items.Keys)
            {
                if (op == BinaryOperator.Or || !a.Has(item))
                {
                    result.Add(item);
                }
            }
        }

        return result;
    }

    private static string Concatenate(string a, string b, Meter meter)
    {
        meter.AllocateText((long)a.Length + b.Length);
        return string.Concat(a, b);
    }

    private static IEnumerable<object> Joined(IReadOnlyCollection<object> a, IReadOnlyCollection<object> b, Meter meter)
    {
        meter.AllocateItems((long)a.Count + b.Count);
        return a.Concat(b);
    }

    private static object Repeat(object value, object times, Meter meter)
    {
        ValueTypes.IsInteger(times, out var count);
        count = Math.Max(0, count);
        var length = ValueTypes.Length(value);
        count = length == 0 ? 0 : count;
        if (length > 0 && count > int.MaxValue / length)
        {
            meter.Allocate(long.MaxValue / 2);
        }

        switch (value)
        {
            case string text:
                meter.AllocateText(length * count);
                return new StringBuilder(text.Length * (int)count).Insert(0, text, (int)count).ToString();
            case ListValue list:
                meter.AllocateItems(length * count);
                return new ListValue([.. Repeated(list.Items, count)]);
            default:
                meter.AllocateItems(length * count);
                return new TupleValue([.. Repeated(((TupleValue)value).Items, count)]);
        }
    }

    private static IEnumerable<object> Repeated(IReadOnlyList<object> items, long count)
    {
        for (var i = 0L; i < count; i++)
        {
            foreach (var item in items)
            {
                yield return item;
            }
        }
    }

    private static DictValue Merge(DictValue a, DictValue b, Meter meter)
    {
        meter.AllocateItems(2L * (a.Items.Count + b.Items.Count));
        var result = new DictValue();
        foreach (var (key, value) in a.Items.Concat(b.Items))
        {
            result.Set(key, value);
        }

        return result;
    }
}
