using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Values;

/// <summary>Whether values are equal, and which comes first. Values nested in each other are followed to a bounded depth.</summary>
internal sealed class ValueComparer : IEqualityComparer<object>
{
    public static readonly ValueComparer Instance = new();

    private const int MaxDepth = 100;

    // Dicts and sets ask for hashes and equality without saying for whom, and what is nested in itself many times takes as long as it has paths.
    [ThreadStatic]
    private static Meter? charged;

    /// <summary>Charges what dicts and sets compare on this thread to a run, until it is disposed.</summary>
    public static Charging ChargeTo(Meter meter)
    {
        var before = charged;
        charged = meter;
        return new Charging(before);
    }

    public new bool Equals(object? x, object? y) => AreEqual(x!, y!, charged, 0);

    public int GetHashCode(object value) => Hash(value, 0);

    public static bool AreEqual(object a, object b, Meter meter) => AreEqual(a, b, meter, 0);

    /// <summary>Below zero when <paramref name="a"/> comes before <paramref name="b"/>.</summary>
    public static int Order(object a, object b, Meter meter, int depth = 0)
    {
        meter.Step();
        if (depth > MaxDepth)
        {
            throw TooDeep();
        }

        if (a is long i && b is long j)
        {
            return i.CompareTo(j);
        }

        if (ValueTypes.IsNumber(a, out var x) && ValueTypes.IsNumber(b, out var y))
        {
            return x.CompareTo(y);
        }

        switch (a, b)
        {
            case (string s, string t):
                meter.Step(Math.Min(s.Length, t.Length) / 64);
                return string.CompareOrdinal(s, t);
            case (ListValue s, ListValue t):
                return Order(s.Items, t.Items, meter, depth);
            case (TupleValue s, TupleValue t):
                return Order(s.Items, t.Items, meter, depth);
            default:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(a)} and a {ValueTypes.NameOf(b)} have no order.", a is None || b is None ? "leave out what is None first, or give sorted a key" : null);
        }
    }

    private static int Order(IReadOnlyList<object> a, IReadOnlyList<object> b, Meter meter, int depth)
    {
        for (var i = 0; i < a.Count && i < b.Count; i++)
        {
            if (!AreEqual(a[i], b[i], meter, depth + 1))
            {
                return Order(a[i], b[i], meter, depth + 1);
            }
        }

        return a.Count.CompareTo(b.Count);
    }

    private static bool AreEqual(object a, object b, Meter? meter, int depth)
    {
        meter?.Step();
        if (ReferenceEquals(a, b))
        {
            return a is not double.NaN;
        }

        if (depth > MaxDepth)
        {
            throw TooDeep();
        }

        switch (a, b)
        {
            case (string s, string t):
                meter?.Step(s.Length == t.Length ? s.Length / 64 : 0);
                return string.Equals(s, t, StringComparison.Ordinal);
            case (ListValue s, ListValue t):
                return AreEqual(s.Items, t.Items, meter, depth);
            case (TupleValue s, TupleValue t):
                return AreEqual(s.Items, t.Items, meter, depth);
            case (DictValue s, DictValue t):
                if (s.Items.Count != t.Items.Count)
                {
                    return false;
                }

                foreach (var (key, value) in s.Items)
                {
                    if (!t.Items.TryGetValue(key, out var other) || !AreEqual(value, other, meter, depth + 1))
                    {
                        return false;
                    }
                }

                return true;
            case (SetValue s, SetValue t):
                meter?.Step(s.Members.Items.Count);
                return s.Members.Items.Count == t.Members.Items.Count && s.Members.Items.Keys.All(t.Has);
            case (RangeValue s, RangeValue t):
                return s.Count == t.Count && (s.Count == 0 || (s.Start == t.Start && (s.Count == 1 || s.Step == t.Step)));
        }

        return ValueTypes.IsInteger(a, out var i) && ValueTypes.IsInteger(b, out var j) ? i == j
            : ValueTypes.IsNumber(a, out var x) && ValueTypes.IsNumber(b, out var y) && x == y;
    }

    private static bool AreEqual(IReadOnlyList<object> a, IReadOnlyList<object> b, Meter? meter, int depth)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        for (var i = 0; i < a.Count; i++)
        {
            if (!AreEqual(a[i], b[i], meter, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static int Hash(object value, int depth)
    {
        if (depth > MaxDepth)
        {
            throw TooDeep();
        }

        switch (value)
        {
            case string s:
                charged?.Step(s.Length / 64);
                return s.GetHashCode(StringComparison.Ordinal);

            case long i:
                return Mixed(i);
            case bool b:
                return Mixed(b ? 1 : 0);
            case double d:
                // Equal to the integer of the same value, so of the same hash.
                return Mixed(d is >= -9e18 and <= 9e18 && Math.Floor(d) == d ? (long)d : BitConverter.DoubleToInt64Bits(d));
            case TupleValue t:
                return t.Hash ??= Hash(t.Items, depth);
            case ListValue or DictValue or SetValue:
                throw ScriptException.Runtime($"A {ValueTypes.NameOf(value)} cannot be a key of a dict or a member of a set.", value is ListValue ? "make it a tuple" : "take a member of it that names it");
            default:
                return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value);
        }
    }

    // With what nobody can guess: else a program could choose keys that all meet in one place.
    private static int Mixed(long bits) => HashCode.Combine((int)bits, (int)(bits >> 32));

    private static int Hash(object[] items, int depth)
    {
        charged?.Step(items.Length);
        var hash = 17;
        foreach (var item in items)
        {
            hash = HashCode.Combine(hash, Hash(item, depth + 1));
        }

        return hash;
    }

    private static ScriptException TooDeep() => ScriptException.Runtime($"Values are nested in each other more than {MaxDepth} levels deep.");

    /// <summary>Ends the charging.</summary>
    internal readonly struct Charging(Meter? before) : IDisposable
    {
        public void Dispose() => charged = before;
    }
}
