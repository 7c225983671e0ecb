using System.Globalization;
using Gateway.Starlark;

namespace Gateway.McpHub.CodeMode;

/// <summary>
/// Runs programs: the interpreter until it wants calls, the calls beside each other, the interpreter again. Only so many interpreters work at once, and each gives its place away while it waits for tools; time,
/// a caller that leaves, and every other limit end a program at its next step.
/// </summary>
internal sealed class ProgramRunner(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim places = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>Runs a program to its end.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="tools">What it may call.</param>
    /// <param name="calls">Makes the calls.</param>
    /// <param name="limits">What it may use.</param>
    /// <param name="cancellationToken">Ends it, and then throws.</param>
    public async ValueTask<ProgramResult> RunAsync(string source, ProgramTools tools, IProgramCalls calls, ProgramLimits limits, CancellationToken cancellationToken)
    {
        var meter = new CostMeter(limits.MaxCostNanoUsd);
        var script = Script.Parse(source, [.. tools.All.Select(static t => t.ForScript())], limits.Script, out var wrong);
        if (script is null)
        {
            return new ProgramResult { Error = wrong!, Printed = "" };
        }

        using var timeout = new CancellationTokenSource(limits.Time, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var run = script.Start(ended.Token);
        while (true)
        {
            var state = await AdvanceAsync(run, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (state.Calls is not { } wanted)
            {
                return new ProgramResult
                {
                    Json = state.ResultJson, Error = timeout.IsCancellationRequested && state.Error is { } error ? TimeUp(error, limits) : state.Error,
                    Printed = state.Printed, Calls = run.Calls, Steps = run.Steps, CostNanoUsd = meter.UsedNanoUsd,
                };
            }

            run.Answer(await AnswerAsync(wanted, calls, limits, meter, ended.Token).ConfigureAwait(false));
        }
    }

    public void Dispose() => places.Dispose();

    private async ValueTask<ScriptState> AdvanceAsync(ScriptRun run, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A program may compute for long, which is not to be on a thread that serves.
            return await Task.Run(run.Advance, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private static async ValueTask<ScriptAnswer[]> AnswerAsync(IReadOnlyList<ScriptCall> wanted, IProgramCalls calls, ProgramLimits limits, CostMeter meter, CancellationToken cancellationToken)
    {
        var answers = new ScriptAnswer[wanted.Count];
        using var slots = new SemaphoreSlim(Math.Max(1, limits.Parallel));
        await Task.WhenAll(Enumerable.Range(0, answers.Length).Select(CallAsync)).ConfigureAwait(false);
        return answers;

        async Task CallAsync(int i)
        {
            try
            {
                await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    answers[i] = await MakeAsync((NamedTool)wanted[i].Tool.Tag!, wanted[i].ArgumentsJson, calls, meter, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    slots.Release();
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The run notices at its next step, and says whether it was its time or its caller.
                answers[i] = new ScriptAnswer(default, "the call was broken off");
            }
        }
    }

    private static async ValueTask<ScriptAnswer> MakeAsync(NamedTool tool, ReadOnlyMemory<byte> arguments, IProgramCalls calls, CostMeter meter, CancellationToken cancellationToken)
    {
        var price = tool.Tool.PriceNanoUsd;
        if (!meter.TryTake(price))
        {
            return new ScriptAnswer(default, $"the call costs {Dollars(price)} and {Dollars(meter.LeftNanoUsd ?? 0)} of what the program may spend is left");
        }

        var answer = await calls.CallAsync(tool.Tool, arguments, cancellationToken).ConfigureAwait(false);
        if (!answer.WasMade)
        {
            meter.GiveBack(price);
        }

        return new ScriptAnswer(answer.Value, answer.Error);
    }

    private static ScriptError TimeUp(ScriptError error, ProgramLimits limits) =>
        error with
        {
            Kind = ScriptErrorKind.Cancelled,
            Message = $"The program took longer than {limits.Time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} seconds.",
            Hint = "make fewer calls, or independent ones at once with gather",
        };

    private static string Dollars(long nanoUsd) => string.Create(CultureInfo.InvariantCulture, $"${nanoUsd / 1e9:0.#########}");
}

/// <summary>What came of a program: a result or an error.</summary>
internal sealed record ProgramResult
{
    /// <summary>What it returned, as JSON.</summary>
    public ReadOnlyMemory<byte>? Json { get; init; }

    /// <summary>Why it did not come to its end.</summary>
    public ScriptError? Error { get; init; }

    /// <summary>What it printed.</summary>
    public required string Printed { get; init; }

    /// <summary>Calls it made.</summary>
    public int Calls { get; init; }

    /// <summary>Steps it took.</summary>
    public long Steps { get; init; }

    /// <summary>What its calls cost, also where it failed.</summary>
    public long CostNanoUsd { get; init; }
}
