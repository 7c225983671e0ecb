using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Caching;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Http;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>
/// Step 9: answer. Guards what came back and passes it on. The request settles before its last byte leaves, so that a caller who has seen a whole
/// answer can rely on it being recorded, whatever happens to this process next.
/// </summary>
internal sealed class AnswerStep(OutputGuard guard, IAnswerCache cache, SettleStep settle, StreamRelay relay)
{
    public ValueTask<Failure?> RunAsync(RequestContext context)
    {
        if (context.Answer.Stream is null)
        {
            return AnswerPlainAsync(context);
        }

        if (context.Cache is not null)
        {
            cache.Begin(context);
        }

        return relay.RunAsync(context);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Failure?> AnswerPlainAsync(RequestContext context)
    {
        var body = context.Answer.Body.Memory;
        var isAnswer = context.Outcome == RequestOutcome.Completed;
        PooledBody? guarded = null;
        if (isAnswer && OutputGuard.AppliesTo(context))
        {
            using var span = context.Trace is null ? null : EdgeTracing.Begin("gateway.guardrails.output");
            (guarded, var blocked) = await guard.CheckAsync(context).ConfigureAwait(false);
            span?.SetTag("gateway.guardrails.verdict", blocked is not null || context.Outcome == RequestOutcome.ContentBlocked ? "block" : guarded is null ? "pass" : "change");
            if (blocked is not null)
            {
                return blocked;
            }
        }

        if (isAnswer && Revocation.IsCut(context))
        {
            return Revocation.End(context);
        }

        context.Status = context.ProviderStatus;
        if (!isAnswer)
        {
            body = PassError(context, body);
            body = context.Stored?.Hide(body) ?? body;
        }

        context.Trace?.Facts.Read(context.Answer.Body.Span);
        settle.Run(context);
        if (isAnswer)
        {
            if (context.Cache is not null)
            {
                cache.Offer(context, body);
            }

            body = guarded?.Memory ?? body;
            if (context.Stored is { } stored && context.ProviderDialect == DialectId.OpenAIResponses && !context.Envelope.Stream)
            {
                body = stored.Of(context.Deployment!.Id).Rewrite(body);
            }
        }

        WriteHead(context, context.Status);
        context.Http.Response.ContentLength = body.Length;
        RequestLogger.Answered(context, body);
        context.Http.Response.BodyWriter.Write(body.Span);
        await context.Http.Response.BodyWriter.FlushAsync(context.Http.RequestAborted).ConfigureAwait(false);
        guarded?.Return();
        return null;
    }

    /// <summary>The provider's error for the caller, translated where it must be; sets the status and what only headers say.</summary>
    private static ReadOnlyMemory<byte> PassError(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var (caller, secret) = (context.Operation.Dialect, context.Deployment!.Secret);
        var isSame = context.ProviderDialect == caller && !context.HasForeignErrors;
        if (isSame && caller != DialectId.BedrockConverse)
        {
            return CredentialScrubber.Scrub(body, secret);
        }

        var error = ProviderErrors.Read(context.ProviderDialect, context.ProviderStatus, body, context.Upstream);
        if (caller == DialectId.BedrockConverse)
        {
            context.Http.Response.Headers[ProviderErrors.BedrockType] = BedrockConverseDialect.ErrorType(error.Kind);
        }

        if (isSame)
        {
            return CredentialScrubber.Scrub(body, secret);
        }

        context.Status = error.Status is >= 400 and < 600 ? error.Status : context.ProviderStatus;
        context.Answer.Form = new AnswerForm { IsRewritten = true, ContentType = AnswerForm.Json };
        return ErrorTranslation.Translate(error, caller, secret).WrittenMemory;
    }

    /// <summary>Status and headers of an answer that a provider gave.</summary>
    public static void WriteHead(RequestContext context, int status)
    {
        var response = context.Http.Response;
        response.StatusCode = status;
        if (context.Answer.Form is { IsRewritten: true })
        {
            ResponseHeaderCopier.CopyNeutral(context.Upstream!, response, !LimitHeaders.Apply(context));
        }
        else
        {
            ResponseHeaderCopier.Copy(context.Upstream!, response, !LimitHeaders.Apply(context));
        }

        if (context.Answer.Form is { ContentType: { } contentType })
        {
            response.ContentType = contentType;
        }

        LimitHeaders.Write(context);
        if (context.Dropped is { Count: > 0 } dropped)
        {
            response.Headers[GatewayHeaders.Dropped] = HeaderText.List(dropped);
        }

        if (context.Answer.Form is { IsEstimate: true })
        {
            response.Headers[GatewayHeaders.Estimated] = "true";
        }

        AnswerHeaders.Write(context);

        if (status >= 400)
        {
            if (context.RetryAfter is { } wait && response.Headers.RetryAfter.Count == 0)
            {
                response.Headers.RetryAfter = HeaderText.Seconds(wait);
            }

            response.Headers[GatewayHeaders.Fault] = ErrorResponse.Name(status is 400 or 404 or 413 or 422 ? Fault.Client : Fault.Upstream);
        }
    }
}
