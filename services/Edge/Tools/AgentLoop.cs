using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Tools;

/// <summary>
/// Agent mode: asks the model, runs the tools it calls, and asks again with the results, until it calls none. Each turn is a request of its own that goes through the whole pipeline, so that limits, budgets,
/// guardrails, cache and record are those of any request; see docs/adr/agent-loop.md.
/// </summary>
internal sealed class AgentLoop(ToolRunner runner, HandedBack handedBack, RuntimeHolder runtime, TimeProvider time)
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(5);

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request; identified and authorised, nothing of it is held.</param>
    /// <param name="pipeline">Runs a turn.</param>
    public async ValueTask<Failure?> RunAsync(RequestContext context, Func<RequestContext, Task> pipeline)
    {
        var run = context.Agent!;
        // Turns and calls are what is recorded.
        context.Settled = true;
        context.Status = StatusCodes.Status200OK;
        using var deadline = new CancellationTokenSource(run.Wish.Limits.Time, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.Http.RequestAborted, context.Key!.Standing.Cut);
        IAgentOutput output = context.Envelope.Stream ? new StreamedAnswer(context, time) : new PlainAnswer(context, time);
        if (Waiting(run) is { Count: > 0 } waiting)
        {
            var results = await RunCallsAsync(context, output, waiting, ended.Token).ConfigureAwait(false);
            if (results is null)
            {
                await output.HandBackAsync(waiting).ConfigureAwait(false);
                return null;
            }

            run.Body.Replace(Conversations.Answered(run.Body.Request.Messages, results.Select(static r => r.Result)));
        }

        while (true)
        {
            var end = await TurnAsync(context, pipeline, output).ConfigureAwait(false);
            if (end.Said is null)
            {
                return null;
            }

            var results = end.Calls.Count == 0 || IsOver(run, deadline.Token) ? null : await RunCallsAsync(context, output, end.Calls, ended.Token).ConfigureAwait(false);
            if (results is null)
            {
                await output.EndAsync().ConfigureAwait(false);
                return null;
            }

            var message = new ChatMessage(ChatRole.Tool);
            message.Parts.AddRange(results.Select(static r => r.Result));
            run.Body.Append(end.Said, message);
        }
    }

    private async ValueTask<TurnEnd> TurnAsync(RequestContext context, Func<RequestContext, Task> pipeline, IAgentOutput output)
    {
        var run = context.Agent!;
        run.Turns++;
        run.Body.Prepare(run.Turns == 1);
        var body = run.Body.Write();
        var http = TurnHttp.Begin(context, body.Memory, run.Turns);
        body.Return();
        var now = time.GetUtcNow();
        // The configuration in force now: a key that was blocked meanwhile makes no further turn.
        var turn = new RequestContext(http.Context, context.Operation, runtime.Current ?? context.Model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        {
            PathModel = context.PathModel,
            Bill = run.Bill,
        };
        var work = RunAsync(turn, http, pipeline);
        try
        {
            return await output.TakeAsync(http).ConfigureAwait(false);
        }
        finally
        {
            await http.Reader.CompleteAsync().ConfigureAwait(false);
            await work.ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(RequestContext turn, TurnHttp http, Func<RequestContext, Task> pipeline)
    {
        using var activity = EdgeTracing.Source.HasListeners() ? EdgeTracing.Start(turn) : null;
        try
        {
            await pipeline(turn).ConfigureAwait(false);
        }
        finally
        {
            EdgeTracing.Finish(activity, turn);
            await http.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Runs calls, and keeps the caller waiting meanwhile.</summary>
    /// <returns>Null when the turn is handed back: a call waits for approval, or the time is up.</returns>
    private async ValueTask<IReadOnlyList<RunCall>?> RunCallsAsync(RequestContext context, IAgentOutput output, IReadOnlyList<ToolCallPart> calls, CancellationToken cancellationToken)
    {
        var run = context.Agent!;
        var work = runner.RunAsync(context, calls, cancellationToken);
        while (await Task.WhenAny(work, Task.Delay(_silence, time, CancellationToken.None)).ConfigureAwait(false) != work)
        {
            await output.KeepAliveAsync().ConfigureAwait(false);
        }

        var results = await work.ConfigureAwait(false);
        context.Http.RequestAborted.ThrowIfCancellationRequested();
        run.Approvals = [.. results.Select(static r => r.ApprovalId).OfType<string>()];
        if (run.Approvals.Count == 0 && !cancellationToken.IsCancellationRequested)
        {
            return results;
        }

        run.Stop = run.Approvals.Count > 0 ? "approval" : "time";
        foreach (var done in results.Where(static r => r.ApprovalId is null && !r.Result.IsError))
        {
            handedBack.Keep(context.Key!.Id, done.Call, done.Result);
        }

        return null;
    }

    private static bool IsOver(AgentRun run, CancellationToken deadline)
    {
        var limits = run.Wish.Limits;
        run.Stop = run.Turns >= limits.Turns ? "turns"
            : deadline.IsCancellationRequested ? "time"
            : limits.CostNanoUsd is { } most && run.Bill.NanoUsd >= most ? "cost"
            : "done";
        return run.Stop != "done";
    }

    /// <summary>Calls of the hub's tools that the conversation ends with and nobody has answered: a turn that was handed back comes again.</summary>
    private static List<ToolCallPart> Waiting(AgentRun run)
    {
        var messages = run.Body.Request.Messages;
        var last = messages.FindLastIndex(static m => m.Role == ChatRole.Assistant);
        if (last < 0)
        {
            return [];
        }

        var answered = messages.Skip(last + 1).SelectMany(static m => m.Parts).OfType<ToolResultPart>().Select(static r => r.CallId).ToHashSet(StringComparer.Ordinal);
        return [.. messages[last].Parts.OfType<ToolCallPart>().Where(c => !answered.Contains(c.Id) && run.Tools.ContainsKey(c.Name))];
    }
}
