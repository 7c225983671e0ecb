using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Starlark.Tests;

public sealed class FuzzTests
{
    private static readonly string[] _pieces =
    [
        "x", "y", "f", "1", "0", "-1", "2.5", "'a'", "\"b\"", "f'{x}'", "None", "True", "[", "]", "(", ")", "{", "}", ",", ":", ".", "=", "==", "+", "-", "*", "**", "/", "//", "%", "<", "in", "not", "and",
        "or", "if", "else", "elif", "for", "while", "def", "lambda", "return", "break", "continue", "pass", "try", "except", "raise", "del", "global", "nonlocal", "\n", "\n    ", "\n        ", " ",
        "len", "range", "sorted", "calc.add", "gather", "call", "print", "append", "items", "\\", "#", ";", "+=", "is", "import", "await", "json", "!", "'''", "é", "\0", "\uD800",
    ];

    [Fact]
    public void Any_text_is_a_program_or_an_error()
    {
        var sources = Gen.Select(Gen.ArrayOf(Gen.Elements(_pieces), 40), static p => string.Join(p.Length % 2 == 0 ? " " : "", p));
        Prop.ForAll(sources.ToArbitrary(), static source =>
        {
            var state = Programs.Outcome("x = [1, 2]\ny = {'a': 1}\nf = lambda a=1: a\n" + source, new ScriptLimits { MaxSteps = 20_000, MaxMemoryBytes = 1 << 20, MaxCalls = 3 });
            return (state.Error is null) != (state.ResultJson is null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000));
    }

    [Fact]
    public void A_program_cut_or_changed_anywhere_is_a_program_or_an_error()
    {
        const string whole = """
            def slow(days, *rest, least=30, **more):
                # A comment, and a line that goes on \
                return [d for d in days if d["age_days"] > least and not d.get("closed")] or None

            issues = lookup(key='gateway')
            try:
                details = gather([call(lookup, key=i) for i in range(3)])
            except Exception as e:
                details, issues = [], {"é": str(e), 'n': 0x1F, "f": 1.5e3}
            else_ = lambda x, y=1: x if x else y
            while len(details) < 5:
                details += [len(details)]
                if details[-1] == 4: break
                elif details[0] is None: continue
            del details[0]
            return {"count": len(details), "text": f"{issues!r:>10} {{}}", "t": (1,), **{'a': '''b
            c'''}, "s": sorted(details, key=lambda d: -d)[::-1]}
            """;
        const string signs = "()[]{}:,.'\"\\#\n\t =+-*/%<>!@$&|^~;0aé\0\uD800";
        var limits = new ScriptLimits { MaxSteps = 20_000, MaxMemoryBytes = 1 << 20, MaxCalls = 5 };
        for (var length = 0; length <= whole.Length; length++)
        {
            Check(whole[..length]);
            Check(whole[length..]);
        }

        var random = new Random(20_260);
        for (var round = 0; round < 3_000; round++)
        {
            var text = whole.ToCharArray().ToList();
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(text.Count);
                switch (random.Next(4))
                {
                    case 0:
                        text.RemoveRange(at, Math.Min(random.Next(1, 30), text.Count - at));
                        break;
                    case 1:
                        text.Insert(at, signs[random.Next(signs.Length)]);
                        break;
                    case 2:
                        text[at] = signs[random.Next(signs.Length)];
                        break;
                    default:
                        text.InsertRange(at, text.GetRange(at, Math.Min(random.Next(1, 60), text.Count - at)));
                        break;
                }
            }

            Check(new string([.. text]));
        }

        void Check(string source)
        {
            var state = Programs.Outcome(source, limits);
            Assert.True((state.Error is null) != (state.ResultJson is null), source);
        }
    }

    [Fact]
    public void Any_expression_of_values_gives_a_value_or_an_error()
    {
        string[] operands = ["0", "1", "-3", "2.5", "'abc'", "''", "[1, 'a']", "(1, 2)", "{'a': 1}", "{1, 2}", "None", "True", "range(5)", "len", "(lambda: 1)", "calc", "calc.add", "call(calc.add)", "float('nan')", "10 ** 15"];
        string[] operators = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "<", "<=", "==", "!=", ">", ">=", "in", "not in", "is", "and", "or"];
        foreach (var a in operands)
        {
            foreach (var b in operands)
            {
                foreach (var op in operators)
                {
                    var state = Programs.Outcome($"return repr({a} {op} {b})", new ScriptLimits { MaxMemoryBytes = 1 << 20 });
                    Assert.True((state.Error is null) != (state.ResultJson is null));
                }
            }
        }
    }

    [Fact]
    public void Every_method_takes_any_arguments_or_says_why_not()
    {
        string[] values = ["'abc'", "[3, 1]", "(1, 2)", "{'a': 1}", "{1, 2}", "json", "math"];
        string[] arguments = ["", "0", "'a'", "None", "[1]", "'a', 'b'", "-1, 5", "lambda x: x", "key=len", "{}", "1, 2, 3", "'', ''", "10 ** 12", "float('nan')", "calc.add"];
        foreach (var value in values)
        {
            foreach (var name in System.Text.Json.JsonSerializer.Deserialize<string[]>(Programs.Run($"return dir({value})"))!)
            {
                foreach (var given in arguments)
                {
                    var state = Programs.Outcome($"return repr({value}.{name}({given}))", new ScriptLimits { MaxMemoryBytes = 1 << 20 });
                    Assert.True((state.Error is null) != (state.ResultJson is null), $"{value}.{name}({given})");
                }
            }
        }
    }

    [Fact]
    public void Integers_are_exact_or_an_error() => Prop.ForAll<long, long>(static (a, b) =>
    {
        var text = Programs.Value($"({a}) * ({b})".Replace("-9223372036854775808", "-9223372036854775807 - 1", StringComparison.Ordinal));
        var exact = (System.Int128)a * b;
        return exact >= long.MinValue && exact <= long.MaxValue ? text == exact.ToString(System.Globalization.CultureInfo.InvariantCulture) : text.StartsWith('!');
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Floats_are_shown_so_that_they_are_read_back() => Prop.ForAll<double>(static value =>
        !double.IsFinite(value) || double.Parse(Programs.Value($"float('{value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}')"), System.Globalization.CultureInfo.InvariantCulture).Equals(value)).QuickCheckThrowOnFailure();
}
