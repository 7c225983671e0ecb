namespace Gateway.Starlark.Tests;

/// <summary>Errors say where and what, and what to write instead.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("x = 1\ny = x + 'a'", "line 2, column 7", "str()")]
    [InlineData("return lenn([])", "line 1, column 8", "did you mean len?")]
    [InlineData("import os", "line 1", "json and math")]
    [InlineData("class A:\n    pass", "line 1", "use dicts and functions")]
    [InlineData("open('/etc/passwd')", "line 1", "programs reach nothing but their tools")]
    [InlineData("x = datetime.now()", "line 1", "there is no clock")]
    [InlineData("with f() as x:\n    pass", "line 1", "nothing to open")]
    [InlineData("if True:\nx = 1", "line 2", "write pass")]
    [InlineData("x = (1,", "line 1", "expected")]
    [InlineData("x = 'abc", "line 1, column 5", "close it")]
    [InlineData("  x = 1", "line 1", "colon")]
    [InlineData("def f(a, a):\n    pass", "line 1", "twice")]
    [InlineData("f(x=1, x=2)", "line 1", "twice")]
    [InlineData("return {'a': 1}['b']", "line 1", "its keys: 'a'")]
    [InlineData("return {'name': 1}.name", "line 1", "[\"name\"]")]
    [InlineData("x = None\nreturn x.y", "line 2", "look whether the value is there")]
    [InlineData("return [1][5]", "line 1", "which has 1 members")]
    [InlineData("return calc.ad(a=1, b=2)", "line 1", "did you mean add?")]
    [InlineData("return web.echo(1)", "line 1", "web.echo(name=value)")]
    [InlineData("def f():\n    x = y\n    y = 1\nf()", "line 2", "Nothing has been assigned to y")]
    [InlineData("for x in [1]:\n    pass\nelse:\n    pass", "line 3", "set a flag")]
    [InlineData("x = 9223372036854775807 + 1", "line 1", "64 bits")]
    [InlineData("x = 'é' + ü", "line 1", "ASCII")]
    [InlineData("break", "line 1", "outside of a loop")]
    [InlineData("sorted([1, None])", "line 1", "have no order")]
    [InlineData("l = [1, 2]\nfor x in l:\n    l.append(x)", "line 2", "go through list(x)")]
    [InlineData("{}[[]] = 1", "line 1", "make it a tuple")]
    [InlineData("return f'{x'", "line 1", "do not end")]
    [InlineData("x.y = 1", "line 1", "use a dict")]
    [InlineData("sorted([1], key=lambda x: calc.add(a=x, b=1))", "line 1", "in a loop")]
    [InlineData("gather([calc.add(a=1, b=2)])", "line 1", "call(server.tool, name=value)")]
    public void Tell_where_and_what(string source, string place, string says)
    {
        var text = Programs.Run(source);

        Assert.StartsWith("!" + place, text, StringComparison.Ordinal);
        Assert.Contains(says, text, StringComparison.Ordinal);
    }
}
