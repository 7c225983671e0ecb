namespace Gateway.Starlark.Tests;

public sealed class StatementTests
{
    [Theory]
    [InlineData("x = 1\nx += 2\nresult = x", "3")]
    [InlineData("a, (b, c) = 1, [2, 3]\na, b = b, a\nreturn [a, b, c]", "[2,1,3]")]
    [InlineData("a = b = []\na.append(1)\nreturn b", "[1]")]
    [InlineData("d = {'n': [1]}\nd['n'] += [2]\nd['m'] = d.get('m', 0) + 1\ndel d['n'][0]\nreturn d", "{\"n\":[2],\"m\":1}")]
    [InlineData("total = 0\nfor i in range(10):\n    if i == 3:\n        continue\n    if i == 6:\n        break\n    total += i\nreturn total", "12")]
    [InlineData("n = 0\nwhile True:\n    n += 1\n    if n > 4: break\nreturn n", "5")]
    [InlineData("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\nreturn f(10)", "3628800")]
    [InlineData("def counter():\n    n = 0\n    def next():\n        nonlocal n\n        n += 1\n        return n\n    return next\nc = counter()\nc()\nreturn c()", "2")]
    [InlineData("n = 1\ndef f():\n    global n\n    n = 5\nf()\nreturn n", "5")]
    [InlineData("def f(a, b=2, *rest, c, d=4, **more):\n    return [a, b, list(rest), c, d, more]\nreturn f(1, c=3, e=5)", "[1,2,[],3,4,{\"e\":5}]")]
    [InlineData("def f(*args, **kw):\n    return [list(args), kw]\nreturn f(*[1, 2], 3, **{'a': 4}, b=5)", "[[1,2,3],{\"a\":4,\"b\":5}]")]
    [InlineData("x = 5\nr = [x for x in range(2)]\nreturn [x, r]", "[5,[0,1]]")]
    [InlineData("try:\n    x = 1 // 0\nexcept ZeroDivisionError as e:\n    x = str(e)\nreturn x", "\"Nothing can be divided by zero.\"")]
    [InlineData("def f():\n    for i in range(3):\n        try:\n            if i == 1: break\n            if i == 0: continue\n        except:\n            pass\n    return i\ntry:\n    f()\n    fail('oh')\nexcept Exception as e:\n    return e.message + str(f())", "\"oh1\"")]
    [InlineData("def f():\n    raise ValueError('bad ' + str(1))\ntry:\n    try:\n        f()\n    except Exception as e:\n        raise e\nexcept Exception as e:\n    return f'{e}'", "\"bad 1\"")]
    [InlineData("if 0:\n    r = 1\nelif []:\n    r = 2\nelse:\n    r = 3\nreturn r", "3")]
    [InlineData("x: int = 3\nassert x == 3, 'no'\nreturn x", "3")]
    [InlineData("import json\nimport math\nreturn math.floor(1.5)", "1")]
    [InlineData("def f() -> int:\n    \"\"\"Says what it does.\"\"\"\n    # a comment\n    return 1\n\n\nreturn f()", "1")]
    [InlineData("s = '''a\nb'''\nx = (1 +\n     2)\ny = 1 + \\\n    2\nreturn [s, x, y]; pass", "[\"a\\nb\",3,3]")]
    [InlineData("async def f(x):\n    return await calc.add(a=x, b=1)\nreturn await f(2)", "3")]
    [InlineData("fs = []\nfor i in range(3):\n    fs.append(lambda: i)\nreturn [f() for f in fs]", "[2,2,2]")]
    [InlineData("def outer():\n    xs = [lambda: (x, y) for x in range(2) for y in [x * 10]]\n    return [list(f()) for f in xs]\nreturn outer()", "[[1,10],[1,10]]")]
    [InlineData("pass", "null")]
    public void Run_as_in_Python(string source, string expected) => Assert.Equal(expected, Programs.Run(source));

    [Fact]
    public void What_is_printed_comes_with_the_result_and_is_cut_at_its_limit()
    {
        var state = Programs.Outcome("print('a', 1, sep='-')\nprint('x' * 100, end='')", new ScriptLimits { MaxPrintLength = 10 });

        Assert.StartsWith("a-1\nxxxxxx", state.Printed, StringComparison.Ordinal);
        Assert.Contains("cut off", state.Printed, StringComparison.Ordinal);
        Assert.True(state.Printed.Length < 60);
    }
}
