using System.Text.Json;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Library;
using Gateway.Starlark.Values;

namespace Gateway.Starlark;

/// <summary>
/// One run of a program. <see cref="Advance"/> runs it until it ends or wants tools; the host makes the calls, at once if there are several, and hands over what came of them with
/// <see cref="Answer"/>. Not safe for several threads; between two calls any thread may go on.
/// </summary>
public sealed class ScriptRun
{
    private readonly Machine machine;
    private readonly Meter meter;
    private Func<object?> next;

    internal ScriptRun(Machine machine, Meter meter)
    {
        (this.machine, this.meter) = (machine, meter);
        next = machine.Run;
    }

    /// <summary>Steps so far.</summary>
    public long Steps => meter.Steps;

    /// <summary>Bytes of all values made so far.</summary>
    public long MemoryBytes => meter.Bytes;

    /// <summary>Tool calls so far.</summary>
    public int Calls => meter.Calls;

    /// <summary>Runs on.</summary>
    /// <returns>What it stopped at: its end, an error, or calls.</returns>
    public ScriptState Advance()
    {
        using var charging = Values.ValueComparer.ChargeTo(meter);
        try
        {
            var value = next();
            next = static () => throw new InvalidOperationException("The run has ended, or waits for an answer.");
            if (value is null)
            {
                return new ScriptState { Calls = [.. machine.Wanted!.Select(c => new ScriptCall(c.Tool, JsonModule.Write(c.Arguments, meter)))], Printed = "" };
            }

            // What a program is after it either returns or leaves in a variable of this name.
            var result = JsonModule.Write(value is Values.None ? machine.Global("result") ?? value : value, meter);
            return result.Length > meter.Limits.MaxResultBytes
                ? Failed(new ScriptException(ScriptErrorKind.Limit, $"The result has {result.Length:N0} bytes; at most {meter.Limits.MaxResultBytes:N0} are given back.", "return less: count, filter or cut what is not needed"))
                : new ScriptState { ResultJson = result, Printed = machine.Printed };
        }
        catch (ScriptException e)
        {
            return Failed(e);
        }
    }

    /// <summary>Hands over what the calls gave, in their order; then <see cref="Advance"/> runs on.</summary>
    public void Answer(IReadOnlyList<ScriptAnswer> answers)
    {
        var wanted = machine.Wanted ?? throw new InvalidOperationException("No calls are wanted.");
        if (answers.Count != wanted.Count)
        {
            throw new ArgumentException("There must be one answer for each call.", nameof(answers));
        }

        next = () => Take(wanted, answers);
    }

    private object? Take(IReadOnlyList<PreparedCall> wanted, IReadOnlyList<ScriptAnswer> answers)
    {
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i].Error is { } error)
            {
                return machine.Fail(new ScriptException(ScriptErrorKind.Tool, $"{wanted[i].Tool.FullName}: {error}"));
            }
        }

        var values = new List<object>(answers.Count);
        foreach (var answer in answers)
        {
            values.Add(JsonModule.Read(answer.Value, meter));
        }

        return machine.Resume(machine.WantsList ? new ListValue(values) : values[0]);
    }

    private ScriptState Failed(ScriptException e)
    {
        next = static () => throw new InvalidOperationException("The run has ended.");
        var (line, column) = e.At == default ? machine.Place : e.At;
        return new ScriptState { Error = new ScriptError(e.Kind, e.Message, line, column, e.Hint), Printed = machine.Printed };
    }
}

/// <summary>What a run stopped at: exactly one of result, error and calls is there.</summary>
public sealed record ScriptState
{
    /// <summary>The value that the program returned, or its variable <c>result</c>, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte>? ResultJson { get; init; }

    /// <summary>Why it failed.</summary>
    public ScriptError? Error { get; init; }

    /// <summary>Calls to make, which do not depend on each other.</summary>
    public IReadOnlyList<ScriptCall>? Calls { get; init; }

    /// <summary>What <c>print</c> wrote, at the end of the run.</summary>
    public required string Printed { get; init; }
}

/// <summary>A call that a program wants.</summary>
/// <param name="Tool">The tool, as it was given.</param>
/// <param name="ArgumentsJson">Its arguments: a JSON object, UTF-8.</param>
public sealed record ScriptCall(ScriptTool Tool, ReadOnlyMemory<byte> ArgumentsJson);

/// <summary>What came of a call: a value or an error.</summary>
/// <param name="Value">What the tool gave; ignored with an error.</param>
/// <param name="Error">Why it failed, as the program and its author may read it; null when it did not.</param>
public sealed record ScriptAnswer(JsonElement Value, string? Error = null);
