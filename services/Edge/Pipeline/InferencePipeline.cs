using Gateway.Contracts.Usage;
using Gateway.Edge.Caching;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.RequestLog;
using Gateway.Edge.StoredObjects;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Tools;

namespace Gateway.Edge.Pipeline;

/// <summary>The way of every inference request through the edge. Each step returns null to go on, or the failure the request ends with.</summary>
internal sealed partial class InferencePipeline(
    IdentifyStep identify,
    EnvelopeStep envelope,
    AuthorizeStep authorize,
    ToolsStep tools,
    AgentLoop agent,
    AdmitStep admit,
    InputGuard guardInput,
    IAnswerCache cache,
    RouteStep route,
    ContinuationStep continuation,
    CallStep call,
    AnswerStep answer,
    SettleStep settle,
    RequestLogger log,
    EdgeMetrics metrics,
    TimeProvider time,
    ILogger<InferencePipeline> logger)
{
    public async Task RunAsync(RequestContext context)
    {
        try
        {
            metrics.Measure(context, log.TellsSteps);
            EdgeTracing.Join(context);
            var failure = identify.Run(context);                                    // 1 who calls
            if (failure is null)
            {
                failure = await envelope.RunAsync(After(context, Step.Identify)).ConfigureAwait(false); // 2 what is asked
                failure = log.Begin(context, failure);                              //   and what is kept of it
            }

            failure ??= continuation.Read(After(context, Step.Envelope))            //   of which stored response
                ?? authorize.Run(context)                                           // 3 may the key do that
                ?? await tools.OfferAsync(After(context, Step.Authorize)).ConfigureAwait(false) //   which tools of the hub the model gets
                ?? (context.Agent is not null
                    ? await agent.RunAsync(context, RunAsync).ConfigureAwait(false) //   and who runs them: each turn comes this way
                    : await admit.RunAsync(context).ConfigureAwait(false)             // 4 is there room: limits, budget held
                ?? await GuardAsync(After(context, Step.Admit)).ConfigureAwait(false) // 5 may this text go out
                ?? await LookAsync(context).ConfigureAwait(false)                   // 6 answered before
                ?? (IsAnswered(context) ? null
                    : await route.RunAsync(context).ConfigureAwait(false)           // 7 where it goes
                    ?? (context.Cache is { LooksRouted: true } ? await LookAsync(After(context, Step.Route)).ConfigureAwait(false) : null))
                ?? (IsAnswered(context) ? null
                    : continuation.Bind(After(context, Step.Route))                 //   who holds what is continued
                    ?? await call.RunAsync(context).ConfigureAwait(false))          // 8 call, with failover
                ?? await answer.RunAsync(IsAnswered(context) ? context : After(context, Step.Call)).ConfigureAwait(false)); // 9 guard and pass on

            After(context, failure?.Step ?? Step.GuardOutput);
            if (failure is not null)
            {
                await FailAsync(context, failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.Http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = context.Settled ? context.Outcome : RequestOutcome.ClientCancelled;
        }
        catch (Exception e) when (!context.Http.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, context.Http.TraceIdentifier);
            await FailOnBugAsync(context).ConfigureAwait(false);
        }
        finally
        {
            settle.Run(context);                                                    // 10 settle, on every ending
            metrics.CountSteps(context);
            EdgeTracing.Finish(context, time);
            log.Complete(context);
            if (context.Cache is not null)
            {
                await cache.FinishAsync(context).ConfigureAwait(false);
            }

            context.Answer.Dispose();
            context.Upstream?.Dispose();
            context.Body.Return();
        }
    }

    // Asked on the way into what follows a step: what is noted after an await would be carried through it.
    private RequestContext After(RequestContext context, Step step)
    {
        context.Ended(step, time);
        return context;
    }

    // Where no policy applies nothing is looked at, and there is no step to tell of.
    private ValueTask<Failure?> GuardAsync(RequestContext context) => context.Model.Guards.IsEmpty ? default : GuardTimedAsync(context);

    private async ValueTask<Failure?> GuardTimedAsync(RequestContext context)
    {
        var failure = await guardInput.CheckAsync(context).ConfigureAwait(false);
        context.Ended(Step.GuardInput, time);
        return failure;
    }

    private ValueTask<Failure?> LookAsync(RequestContext context)
    {
        if (context.Trace is not null)
        {
            return LookTracedAsync(context);
        }

        var looked = cache.LookAsync(context);
        return context.Cache is null && looked.IsCompletedSuccessfully ? looked : LookTimedAsync(context, looked);
    }

    private async ValueTask<Failure?> LookTimedAsync(RequestContext context, ValueTask<Failure?> looked)
    {
        var failure = await looked.ConfigureAwait(false);
        context.Ended(Step.Cache, time);
        return failure;
    }

    private async ValueTask<Failure?> LookTracedAsync(RequestContext context)
    {
        using var span = EdgeTracing.Begin("gateway.cache");
        var failure = await LookTimedAsync(context, cache.LookAsync(context)).ConfigureAwait(false);
        if (context.Cache is { } facts)
        {
            span?.SetTag("gateway.cache", CacheFacts.NameOf(facts.Outcome));
            span?.SetTag("gateway.cache.reason", facts.Reason);
        }
        else
        {
            EdgeTracing.Forget(span);
        }

        return failure;
    }

    private static bool IsAnswered(RequestContext context) => context.Cache is { IsAnswered: true };

    private async ValueTask FailOnBugAsync(RequestContext context)
    {
        settle.Run(context);
        if (context.Http.Response.HasStarted)
        {
            context.Http.Abort();
            return;
        }

        var failure = new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log.");
        await ErrorResponse.WriteAsync(context.Http, failure, context.Attempts, context.Operation.Dialect).ConfigureAwait(false);
    }

    private async ValueTask FailAsync(RequestContext context, Failure failure)
    {
        context.Failure = failure;
        if (context.Outcome == RequestOutcome.ClientCancelled)
        {
            return;
        }

        context.Status = failure.Row.Status;
        settle.Run(context);
        await ErrorResponse.WriteAsync(context.Http, GuardHeader.Told(failure, context.Guard), context.Attempts, context.Operation.Dialect).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
