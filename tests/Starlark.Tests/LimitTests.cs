namespace Gateway.Starlark.Tests;

/// <summary>Whatever a program does, it ends within its limits, and nothing of the host is reached.</summary>
public sealed class LimitTests
{
    private static readonly ScriptLimits _small = new() { MaxSteps = 200_000, MaxMemoryBytes = 4 * 1024 * 1024, MaxCalls = 5 };

    [Theory]
    [InlineData("while True: pass")]
    [InlineData("x = [0]\nfor i in range(10 ** 18): pass")]
    [InlineData("s = 'a' * 10 ** 9")]
    [InlineData("s = 'a'\nwhile True: s += s")]
    [InlineData("l = [0] * 10 ** 12")]
    [InlineData("l = [0]\nwhile True: l += l")]
    [InlineData("list(range(10 ** 15))")]
    [InlineData("x = sum(range(10 ** 12))")]
    [InlineData("s = ('a' * 100000).replace('a', 'b' * 100000)")]
    [InlineData("s = ','.join(['x' * 1000] * 100000)")]
    [InlineData("s = '{:>9999}'.format('x') * 1000")]
    [InlineData("s = 'x'.ljust(10 ** 9)")]
    [InlineData("s = f\"{'x':>9999}\"\nwhile True:\n    s = s + s")]
    [InlineData("d = {}\ni = 0\nwhile True:\n    d[i] = i\n    i += 1")]
    [InlineData("def f(n): return f(n + 1)\nf(0)")]
    [InlineData("def f(): return f()\ntry:\n    f()\nexcept:\n    while True: pass")]
    [InlineData("x = []\nwhile True:\n    x = [x]")]
    [InlineData("while True:\n    try:\n        fail('x')\n    except:\n        pass")]
    [InlineData("for i in range(100): lookup('x')")]
    [InlineData("gather([call(lookup, 'x') for i in range(50)])")]
    [InlineData("s = 'ab' * 100000\nwhile True: s.split('b')")]
    [InlineData("s = 'a' * 300000\nn = 'a' * 150000 + 'b'\nwhile True: s.find(n)")]
    [InlineData("l = list(range(20000))\nwhile True: sorted(l, key=lambda x: -x)")]
    [InlineData("json.loads('[' * 60 + ']' * 60)\nwhile True: json.dumps(list(range(10000)))")]
    [InlineData("x = {str(i): i for i in range(10000)}\nwhile True: x.copy()")]
    [InlineData("l = [1] * 100000\nwhile True: l == l[:]")]
    [InlineData("l = list(range(30000))\nwhile True: 'x' in l")]
    public void A_runaway_ends_at_a_limit(string source)
    {
        var state = Programs.Outcome(source, _small);

        Assert.Equal(ScriptErrorKind.Limit, state.Error!.Kind);
    }

    [Theory]
    [InlineData("x = 1\nfor i in range(200): x = (x,)\nreturn repr(x) == ''", "false")]
    [InlineData("x = 1\nfor i in range(200): x = (x,)\nreturn {x: 1}", "!")]
    [InlineData("a = []\na.append(a)\nreturn repr(a)[:3]", "\"[[[\"")]
    [InlineData("a = []\na.append(a)\nreturn a", "!")]
    [InlineData("a = []\na.append(a)\nb = []\nb.append(b)\nreturn a == b", "!")]
    [InlineData("d = {}\nd['d'] = d\nreturn json.dumps(d)", "!")]
    [InlineData("x = 1\nfor i in range(5000): x = [x]\nreturn x", "!")]
    [InlineData("x = 1\nfor i in range(5000): x = [x]\ny = 1\nfor i in range(5000): y = [y]\nreturn x < y", "!")]
    [InlineData("f = lambda x: sorted([x], key=f)\nf(1)", "!")]
    [InlineData("return json.loads('[' * 1000 + ']' * 1000)", "!")]
    [InlineData("l = [1]\nl.extend(l)\nl += l\nreturn l", "[1,1,1,1]")]
    [InlineData("x = -9223372036854775807 - 1\nreturn [x // 1, x % -1]", "[-9223372036854775808,0]")]
    [InlineData("x = -9223372036854775807 - 1\nreturn x // -1", "!")]
    [InlineData("return len(range(-9223372036854775807, 9223372036854775807))", "9223372036854775807")]
    [InlineData("return range(9223372036854775800, 9223372036854775807, 5)[1]", "9223372036854775805")]
    public void What_is_nested_without_end_is_an_error_and_not_a_crash(string source, string expected)
    {
        var text = Programs.Run(source);

        Assert.True(expected == "!" ? text.StartsWith('!') : text == expected, text);
    }

    [Theory]
    [InlineData("return (1).__class__")]
    [InlineData("return ''.__class__.__mro__")]
    [InlineData("return getattr('', '__class__')")]
    [InlineData("return (lambda: 1).__globals__")]
    [InlineData("return calc.add.__self__")]
    [InlineData("return calc.Tool")]
    [InlineData("return '{0.__class__}'.format('x')")]
    [InlineData("return '{0[0]}'.format(['x'])")]
    [InlineData("return __builtins__")]
    [InlineData("return eval('1')")]
    [InlineData("return exec('1')")]
    [InlineData("return globals()")]
    [InlineData("return type('').Length")]
    [InlineData("return json.System")]
    [InlineData("return 'x'.GetType()")]
    [InlineData("try:\n    fail('x')\nexcept Exception as e:\n    return e.Data")]
    public void Nothing_of_the_host_has_a_name(string source) => Assert.StartsWith("!", Programs.Run(source), StringComparison.Ordinal);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("1+", "")]
    [InlineData("1 if 1 else ", "")]
    [InlineData("lambda: ", "")]
    [InlineData("x[", "]")]
    [InlineData("f(", ")")]
    [InlineData("{1:", "}")]
    [InlineData("2**", "")]
    [InlineData("f'{", "}'")]
    public void Deep_programs_are_errors_and_not_crashes(string before, string after)
    {
        foreach (var depth in new[] { 50, 5000, 30_000 })
        {
            var source = "x = 1\nf = 1\ny = " + string.Concat(Enumerable.Repeat(before, depth)) + "1" + string.Concat(Enumerable.Repeat(after, depth));
            Programs.Outcome(source, new ScriptLimits { MaxSourceLength = 1_000_000 });
        }
    }

    [Fact]
    public void Long_chains_and_many_blocks_are_errors_or_run()
    {
        var limits = new ScriptLimits { MaxSourceLength = 2_000_000 };
        Programs.Outcome("x = 1\ny = x" + string.Concat(Enumerable.Repeat(".a", 100_000)), limits);
        Programs.Outcome("x = 1\ny = x" + string.Concat(Enumerable.Repeat("[0]", 100_000)), limits);
        Programs.Outcome("y = 1" + string.Concat(Enumerable.Repeat(" and 1", 100_000)), limits);
        Programs.Outcome("if 1:\n    pass\n" + string.Concat(Enumerable.Repeat("elif 1:\n    pass\n", 5000)), limits);
        Programs.Outcome(string.Concat(Enumerable.Range(0, 500).Select(i => new string(' ', i) + "if 1:\n")) + new string(' ', 500) + "pass", limits);
        Assert.Equal("2000", Programs.Run("x = [" + string.Join(", ", Enumerable.Repeat("1", 2000)) + "]\nreturn len(x)", limits));
    }

    [Fact]
    public async Task A_cancelled_run_ends_at_its_next_step()
    {
        using var source = new CancellationTokenSource();
        var running = Task.Run(() => Programs.OutcomeUntil("while True: pass", new ScriptLimits { MaxSteps = long.MaxValue }, null, source.Token), TestContext.Current.CancellationToken);
        await source.CancelAsync();

        Assert.Equal(ScriptErrorKind.Cancelled, (await running).Error!.Kind);
    }

    [Fact]
    public void A_result_over_its_limit_is_an_error_that_says_so()
    {
        var state = Programs.Outcome("return 'x' * 5000", new ScriptLimits { MaxResultBytes = 1000 });

        Assert.Equal(ScriptErrorKind.Limit, state.Error!.Kind);
        Assert.Contains("return less", state.Error.Hint, StringComparison.Ordinal);
    }
}
