using Gateway.Contracts.Usage;
using Gateway.Edge.Caching;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.RequestLog;
using Gateway.Edge.StoredObjects;
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
    ILogger<InferencePipeline> logger)
{
    public async Task RunAsync(RequestContext context)
    {
        try
        {
            var failure =
                identify.Run(context)                                               // 1 who calls
                ?? log.Begin(context, await envelope.RunAsync(context).ConfigureAwait(false)) // 2 what is asked, and what is kept of it
                ?? continuation.Read(context)                                       //   of which stored response
                ?? authorize.Run(context)                                           // 3 may the key do that
                ?? await tools.OfferAsync(context).ConfigureAwait(false)            //   which tools of the hub the model gets
                ?? (context.Agent is not null
                    ? await agent.RunAsync(context, RunAsync).ConfigureAwait(false) //   and who runs them: each turn comes this way
                    : await admit.RunAsync(context).ConfigureAwait(false)             // 4 is there room: limits, budget held
                ?? await guardInput.CheckAsync(context).ConfigureAwait(false)       // 5 may this text go out
                ?? await cache.LookAsync(context).ConfigureAwait(false)             // 6 answered before
                ?? (IsAnswered(context) ? null
                    : await route.RunAsync(context).ConfigureAwait(false)           // 7 where it goes
                    ?? (context.Cache is { LooksRouted: true } ? await cache.LookAsync(context).ConfigureAwait(false) : null))
                ?? (IsAnswered(context) ? null
                    : continuation.Bind(context)                                    //   who holds what is continued
                    ?? await call.RunAsync(context).ConfigureAwait(false))          // 8 call, with failover
                ?? await answer.RunAsync(context).ConfigureAwait(false));           // 9 guard and pass on

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
