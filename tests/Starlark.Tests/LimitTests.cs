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
    [InlineData("def loop(x):\n    while True: pass\nsorted([2, 1], key=loop)")]
    [InlineData("def loop(x):\n    while True: pass\nmax([2, 1], key=loop)")]
    [InlineData("def loop(x):\n    while True: pass\nmap(loop, [1])")]
    [InlineData("def loop(x):\n    while True: pass\nfilter(loop, [1])")]
    [InlineData("sorted([2, 1], key=lambda x: [y for y in range(10 ** 15)])")]
    [InlineData("[[j for j in range(1000)] for i in range(10 ** 9)]")]
    [InlineData("[i for i in range(10 ** 6) for j in range(10 ** 6) for k in range(10 ** 6) if False]")]
    [InlineData("{(i, j): 1 for i in range(10 ** 6) for j in range(10 ** 6)}")]
    [InlineData("{i for i in range(10 ** 12)}")]
    [InlineData("x = 1\nfor i in range(60): x = (x, x)\ny = 1\nfor i in range(60): y = (y, y)\nx == y")]
    [InlineData("x = 1\nfor i in range(60): x = (x, x)\ny = 1\nfor i in range(60): y = (y, y)\nd = {x: 1}\ny in d")]
    [InlineData("x = 1\nfor i in range(60): x = (x, x)\ny = 1\nfor i in range(60): y = (y, y)\nx < y")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\nrepr(x)")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\nf'{x}'")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\n'%s' % x")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\nprint(x)")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\njson.dumps(x)")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\nlookup(x)")]
    [InlineData("x = 1\nfor i in range(60): x = [x, x]\nreturn x")]
    [InlineData("s = 'a' * 200000\nd = {}\nwhile True: s in d")]
    [InlineData("x = 3\nwhile True: x = x * x % 1000000007")]
    [InlineData("s = 'x' * 100000\nwhile True: s.upper().lower().strip('y')")]
    [InlineData("l = list(range(20000))\nwhile True: l.insert(0, 1)")]
    [InlineData("l = list(range(50000))\nwhile True:\n    l.pop(0)\n    l.append(1)")]
    [InlineData("d = {i: i for i in range(20000)}\nwhile True:\n    d.pop(list(d.keys())[0], None)\n    d[len(d)] = 1")]
    [InlineData("def f(*a): return f(*a, *a)\nf(1, 2)")]
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
    [InlineData("def f(n): return max([n], key=f)\nreturn f(1)", "!")]
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

    [Fact]
    public void Keys_that_were_chosen_to_meet_in_one_place_do_not()
    {
        // Both halves alike: by the usual hash of 64 bits all of these are the same, and each lookup would go through all that are there.
        const string source = "d = {}\nfor i in range(20000): d[i * 4294967297] = i\nreturn len([1 for i in range(20000) if d[i * 4294967297] == i])";
        var hashes = new HashSet<int>();
        for (var i = 0L; i < 1000; i++)
        {
            hashes.Add(Values.ValueComparer.Instance.GetHashCode(i * 4294967297));
        }

        Assert.True(hashes.Count > 990);
        Assert.Equal("20000", Programs.Run(source));
        Assert.Equal("[1,true,1]", Programs.Run("d = {1: 1}\nreturn [d[1.0], True in d, len({1, 1.0, True})]"));
    }

    [Fact]
    public void A_key_nested_in_itself_many_times_is_worked_out_once()
    {
        Assert.Equal("1", Programs.Run("x = 1\nfor i in range(60): x = (x, x)\nd = {x: 1}\nreturn d[x]"));
    }

    [Theory]
    [InlineData("'%99999999d' % 1")]
    [InlineData("f'{1:>99999999}'")]
    [InlineData("'{:99999999}'.format(1)")]
    [InlineData("int('9' * 4000)")]
    [InlineData("2 ** 1000000")]
    [InlineData("1 << 1000000")]
    [InlineData("10 ** 18 * 10 ** 18")]
    public void Huge_widths_and_numbers_are_errors(string expression) => Assert.StartsWith("!", Programs.Run("return " + expression), StringComparison.Ordinal);

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
    [InlineData("return getattr(calc, 'GetType')")]
    [InlineData("return getattr([], 'Items')")]
    [InlineData("return hasattr([], 'Version') or fail('no')")]
    [InlineData("return '{0.Items}'.format([])")]
    [InlineData("return f\"{''.Length}\"")]
    [InlineData("return call(calc.add).Tool")]
    [InlineData("return calc.add.Parameters")]
    [InlineData("return (lambda: 1).Code")]
    [InlineData("return range(3).Count")]
    [InlineData("return '%(Length)s' % ''")]
    [InlineData("len.x = 1")]
    [InlineData("calc.add = 1")]
    [InlineData("json.dumps = 1")]
    [InlineData("del calc")]
    [InlineData("return vars()")]
    [InlineData("return locals()")]
    [InlineData("return open('/etc/passwd')")]
    [InlineData("return compile('1')")]
    [InlineData("import os")]
    [InlineData("from os import path")]
    [InlineData("load('x', 'y')")]
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
