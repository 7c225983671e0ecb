using System.Text;
using System.Text.Json;

namespace Gateway.Starlark.Tests;

/// <summary>Runs programs against tools that are functions of the test.</summary>
internal static class Programs
{
    public static readonly ScriptTool Add = new("calc", "add", ["a", "b"], null);
    public static readonly ScriptTool Echo = new("web", "echo", [], null);
    public static readonly ScriptTool Broken = new("web", "broken", ["x"], null);
    public static readonly ScriptTool Plain = new("", "lookup", ["key"], null);

    /// <summary>The result's JSON, or the error's text after <c>!</c>.</summary>
    public static string Run(string source, ScriptLimits? limits = null) => Outcome(source, limits) switch
    {
        { Error: { } error } => $"!{error}",
        var state => Encoding.UTF8.GetString(state.ResultJson!.Value.Span),
    };

    public static ScriptState Outcome(string source, ScriptLimits? limits = null, List<int>? together = null) => OutcomeUntil(source, limits, together, CancellationToken.None);

    public static ScriptState OutcomeUntil(string source, ScriptLimits? limits, List<int>? together, CancellationToken cancellationToken)
    {
        var script = Script.Parse(source, [Add, Echo, Broken, Plain], limits ?? new ScriptLimits(), out var error);
        if (script is null)
        {
            return new ScriptState { Error = error, Printed = "" };
        }

        var run = script.Start(cancellationToken);
        while (true)
        {
            var state = run.Advance();
            if (state.Calls is not { } calls)
            {
                return state;
            }

            together?.Add(calls.Count);
            run.Answer([.. calls.Select(Answer)]);
        }
    }

    /// <summary>The value of one expression, as <c>repr</c> shows it.</summary>
    public static string Value(string expression)
    {
        var json = Run($"return repr(({expression}))");
        return json.StartsWith('!') ? json : JsonSerializer.Deserialize<string>(json)!;
    }

    private static ScriptAnswer Answer(ScriptCall call)
    {
        using var document = JsonDocument.Parse(call.ArgumentsJson);
        var arguments = document.RootElement.Clone();
        return call.Tool switch
        {
            var t when t == Add => new ScriptAnswer(JsonSerializer.SerializeToElement(arguments.GetProperty("a").GetInt64() + arguments.GetProperty("b").GetInt64())),
            var t when t == Broken => new ScriptAnswer(default, "the server is down"),
            _ => new ScriptAnswer(arguments),
        };
    }
}
