using System.Text.Json;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Mcp;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Tools;

/// <summary>Runs the calls of a turn beside each other. Each is metered like any call of a tool, and is authorised by the hub at the moment it is made.</summary>
internal sealed class ToolRunner(HubClient hub, McpMeter meter, HandedBack handedBack)
{
    private const int MostAtOnce = 16;

    /// <summary>Runs calls.</summary>
    /// <param name="context">The caller's request.</param>
    /// <param name="calls">The calls; of tools of the run only.</param>
    /// <param name="cancellationToken">Ends them: the caller has left, or the time is up.</param>
    /// <returns>The results, in the order of the calls.</returns>
    public async Task<IReadOnlyList<RunCall>> RunAsync(RequestContext context, IReadOnlyList<ToolCallPart> calls, CancellationToken cancellationToken)
    {
        var results = new RunCall[calls.Count];
        using var places = new SemaphoreSlim(MostAtOnce);
        await Task.WhenAll(Enumerable.Range(0, results.Length).Select(RunOneAsync)).ConfigureAwait(false);
        return results;

        async Task RunOneAsync(int i)
        {
            if (handedBack.Find(context.Key!.Id, calls[i]) is { } before)
            {
                results[i] = new RunCall(calls[i], before, null);
                return;
            }

            await places.WaitAsync(context.Http.RequestAborted).ConfigureAwait(false);
            try
            {
                results[i] = await MakeAsync(context, calls[i], cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async ValueTask<RunCall> MakeAsync(RequestContext context, ToolCallPart call, CancellationToken cancellationToken)
    {
        var run = context.Agent!;
        var tool = run.Tools[call.Name];

        // The hub's own spans hang under it, as it passes the context on.
        using var span = ToolSpans.Begin(call, tool);
        if (!TryArguments(call, out var arguments))
        {
            ToolSpans.Fail(span, "invalid_arguments");
            return new RunCall(call, ToolResults.Failed(call, "The arguments are no JSON object; call the tool again with one."), null);
        }

        var priced = Priced(context, tool, arguments);
        var charge = meter.Begin(context);
        charge.Bill = run.Bill;
        var (cost, outcome) = (0L, RequestOutcome.ClientCancelled);
        var failure = default(Errors.Failure);
        var said = McpCallOutcome.Done;
        try
        {
            (var held, failure) = await meter.HoldAsync(charge, priced).ConfigureAwait(false);
            if (failure is not null)
            {
                outcome = RequestOutcome.Rejected;
                return new RunCall(call, ToolResults.Failed(call, $"The call was not made: {failure.Message}"), null);
            }

            cost = held;
            var caller = CallerHeaders.Facts(context);
            // Calls of one loop belong together, for the rules about what data may flow where.
            caller.SessionId = caller.SessionId.Length > 0 ? caller.SessionId : $"agent-{context.Http.TraceIdentifier}";
            var query = new HubCallQuery { Caller = caller, Name = tool.Name, Arguments = arguments, HoldNanoUsd = priced.IsProgram ? held : 0 };
            var answer = await hub.CallAsync(query, cancellationToken).ConfigureAwait(false);
            // A program that came to its end tells what its calls cost.
            cost = !WasMade(answer.Outcome) ? 0 : priced.IsProgram && answer.Result is not null ? Math.Min(held, answer.NestedNanoUsd) : held;
            said = answer.Outcome;
            outcome = answer.Outcome is McpCallOutcome.Done or McpCallOutcome.ToolError ? RequestOutcome.Completed : WasMade(answer.Outcome) ? RequestOutcome.UpstreamUnavailable : RequestOutcome.Rejected;
            run.CountCall();
            return new RunCall(call, ToolResults.Of(call, answer), answer is { Outcome: McpCallOutcome.Unapproved, ApprovalId.Length: > 0 } ? answer.ApprovalId : null);
        }
        catch (OperationCanceledException) when (!context.Http.RequestAborted.IsCancellationRequested)
        {
            outcome = RequestOutcome.UpstreamUnavailable;
            return new RunCall(call, ToolResults.Failed(call, "The time for this request was up before the tool had answered; the call may have been made."), null);
        }
        finally
        {
            meter.Settle(charge, cost, outcome, StatusCodes.Status200OK, failure);
            ToolSpans.End(span, outcome, cost, failure?.Row.Code, said);
        }
    }

    private static McpPriced Priced(RequestContext context, HubToolInfo tool, JsonElement arguments)
    {
        var prices = context.Model.McpPrices;
        var priced = new McpPriced(tool.Server, tool.Tool, prices.Of(tool.Server, tool.Tool));
        return priced.IsCall && arguments.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? McpEndpoint.Inner(prices, name.GetString()!) : priced;
    }

    /// <summary>Whether a call went out: then it costs what it costs, however it ended.</summary>
    private static bool WasMade(McpCallOutcome outcome) => outcome is McpCallOutcome.Done or McpCallOutcome.ToolError or McpCallOutcome.TimedOut or McpCallOutcome.Cancelled;

    private static bool TryArguments(ToolCallPart call, out JsonElement arguments)
    {
        arguments = default;
        try
        {
            arguments = JsonElement.Parse(string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments);
            return arguments.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A call that was run.</summary>
/// <param name="Call">The call.</param>
/// <param name="Result">What came of it, for the model.</param>
/// <param name="ApprovalId">What is to be approved before it can be made; null when it need not wait.</param>
internal sealed record RunCall(ToolCallPart Call, ToolResultPart Result, string? ApprovalId);
