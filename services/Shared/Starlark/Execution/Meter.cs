namespace Gateway.Starlark.Execution;

/// <summary>Counts what a run uses and ends it at its limits. What takes time or memory is charged before it is done.</summary>
internal sealed class Meter(ScriptLimits limits, CancellationToken cancellationToken)
{
    private const int StepsBetweenLooks = 1024;

    private long nextLook = StepsBetweenLooks;

    public ScriptLimits Limits { get; } = limits;

    public long Steps { get; private set; }

    public long Bytes { get; private set; }

    public int Calls { get; private set; }

    public void Step(long count = 1)
    {
        Steps += count;
        if (Steps >= nextLook)
        {
            Look();
        }
    }

    /// <summary>Charges the making of a value, and the time that filling it takes.</summary>
    public void Allocate(long bytes)
    {
        Bytes += bytes;
        if (Bytes > Limits.MaxMemoryBytes || Bytes < 0)
        {
            throw new ScriptException(ScriptErrorKind.Limit, $"The program has used up its memory of {Limits.MaxMemoryBytes:N0} bytes.", "work on fewer or smaller values at a time");
        }

        Step(bytes / 64);
    }

    /// <summary>Charges a text of a length.</summary>
    public void AllocateText(long length) => Allocate(32 + (2 * length));

    /// <summary>Charges a collection of a number of members.</summary>
    public void AllocateItems(long count) => Allocate(48 + (16 * count));

    public void Call()
    {
        if (++Calls > Limits.MaxCalls)
        {
            throw new ScriptException(ScriptErrorKind.Limit, $"The program has made its {Limits.MaxCalls:N0} tool calls.", "ask for several things in one call, or return what there is");
        }
    }

    private void Look()
    {
        nextLook = Steps + StepsBetweenLooks;
        if (Steps > Limits.MaxSteps)
        {
            throw new ScriptException(ScriptErrorKind.Limit, $"The program has run for {Limits.MaxSteps:N0} steps without coming to its end.", "look for a loop that does not end, or work on less data");
        }

        if (cancellationToken.IsCancellationRequested)
        {
            throw new ScriptException(ScriptErrorKind.Cancelled, "The program was stopped: its time is up or its caller has gone.");
        }
    }
}
