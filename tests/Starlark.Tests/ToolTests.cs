using System.Text.Json;

namespace Gateway.Starlark.Tests;

public sealed class ToolTests
{
    [Fact]
    public void A_tool_is_called_by_name_by_order_and_with_a_dict()
    {
        Assert.Equal("[3,7,11]", Programs.Run("return [calc.add(a=1, b=2), calc.add(3, 4), calc.add({'a': 5, 'b': 6})]"));
        Assert.Equal("""{"key":"x"}""", Programs.Run("return lookup('x')"));
    }

    [Fact]
    public void Gathered_calls_are_made_at_once_and_answered_in_order()
    {
        var together = new List<int>();
        var state = Programs.Outcome("return gather([call(calc.add, a=i, b=i) for i in range(5)])", together: together);

        Assert.Equal([5], together);
        Assert.Equal("[0,2,4,6,8]", System.Text.Encoding.UTF8.GetString(state.ResultJson!.Value.Span));
        Assert.Equal("[]", Programs.Run("return gather([])"));
    }

    [Fact]
    public void A_failed_call_can_be_handled_and_is_an_error_when_it_is_not()
    {
        Assert.Equal("\"web.broken: the server is down\"", Programs.Run("def f():\n    web.broken(x=1)\ntry:\n    f()\nexcept Exception as e:\n    return str(e)"));
        var state = Programs.Outcome("x = 1\nweb.broken(x=1)");
        Assert.Equal(ScriptErrorKind.Tool, state.Error!.Kind);
        Assert.Equal(2, state.Error.Line);
    }

    [Fact]
    public void What_tools_give_are_values()
    {
        Assert.Equal("\"ab\"", Programs.Run("r = web.echo(items=[{'n': 'a'}, {'n': 'b'}])\nreturn ''.join([i['n'] for i in r['items']])"));
    }

    [Fact]
    public void The_same_answers_give_the_same_run()
    {
        const string Source = "d = {}\nfor i in range(200):\n    d[str(i * 7919 % 1000)] = calc.add(a=i, b=1)\nreturn [list(d.keys()), list({str(x) for x in range(100)})]";

        Assert.Equal(Programs.Run(Source, new ScriptLimits { MaxCalls = 200 }), Programs.Run(Source, new ScriptLimits { MaxCalls = 200 }));
    }

    [Fact]
    public void A_run_that_waits_cannot_be_run_on_without_an_answer()
    {
        var run = Script.Parse("return lookup('x')", [Programs.Plain], new ScriptLimits(), out _)!.Start(TestContext.Current.CancellationToken);
        Assert.Single(run.Advance().Calls!);

        Assert.Throws<InvalidOperationException>(run.Advance);
        run.Answer([new ScriptAnswer(JsonSerializer.SerializeToElement(1))]);
        Assert.NotNull(run.Advance().ResultJson);
        Assert.Throws<InvalidOperationException>(() => run.Answer([]));
    }
}
