using System.Buffers;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Admission.Estimates;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Edge.Passthrough;

/// <summary>
/// Serves <c>/passthrough/{provider}/…</c>: any request to a provider that the gateway does not model, with the steps that every request goes through: key, permissions,
/// limits, budget, blocked terms, settlement.
/// </summary>
internal sealed partial class PassthroughEndpoint(
    IdentifyStep identify,
    AdmitStep admit,
    InputGuard guard,
    PassthroughRelay relay,
    SettleStep settle,
    RuntimeHolder runtime,
    TimeProvider time,
    ILogger<PassthroughEndpoint> logger)
{
    public void Map(IEndpointRouteBuilder app) => app.Map("/passthrough/{**rest}", ServeAsync);

    private Task ServeAsync(HttpContext http)
    {
        if (runtime.Current is not { } model)
        {
            return ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }, null).AsTask();
        }

        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        _ = PassthroughAddress.TryParse(target, out var address);
        var account = address is null ? null : model.Accounts.GetValueOrDefault(address.ProviderId);
        var now = time.GetUtcNow();
        var context = new RequestContext(http, PassthroughSpecs.Of(account?.Provider.Entry.Kind, address?.Path ?? ""), model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        // Until the body is read, what is known of it is what is known of an empty one.
        _ = EnvelopeReader.Read("{}"u8, context.Operation.Shape, modelInPath: true, 1, out context.Envelope);
        return ServeTracedAsync(context, address, account);
    }

    private async Task ServeTracedAsync(RequestContext context, PassthroughAddress? address, ProviderAccount? account)
    {
        if (EdgeTracing.IsOn)
        {
            EdgeTracing.Start(context);
        }

        var call = address is null || account is null ? null : new PassthroughCall(context, address, account);
        try
        {
            if (await RunAsync(context, call).ConfigureAwait(false) is { } failure)
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
            await FailAsync(context, new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log.")).ConfigureAwait(false);
        }
        finally
        {
            settle.Run(context);
            if (call is not null)
            {
                await call.DisposeAsync().ConfigureAwait(false);
            }

            context.Body.Return();
            EdgeTracing.Finish(context, time);
        }
    }

    private async ValueTask<Failure?> RunAsync(RequestContext context, PassthroughCall? call) =>
        identify.Run(context)
        ?? PassthroughAccess.Check(context, call)
        ?? await ReadAsync(context, call!).ConfigureAwait(false)
        ?? PassthroughAccess.CheckModels(context, call!)
        ?? await AdmitAsync(context, call!).ConfigureAwait(false)
        ?? await GuardAsync(context).ConfigureAwait(false)
        ?? await relay.RunAsync(context, call!).ConfigureAwait(false);

    /// <summary>Reads the body where something must be known of it; any other is sent on as it arrives.</summary>
    private static async ValueTask<Failure?> ReadAsync(RequestContext context, PassthroughCall call)
    {
        var request = context.Http.Request;
        if (context.Http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } || request.ContentLength == 0)
        {
            return null;
        }

        if (request.Headers.ContentEncoding.Count > 0 && !string.Equals(request.Headers.ContentEncoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            return new Failure(GatewayError.ContentEncodingUnsupported, Step.Envelope, "Compressed request bodies are not accepted; send the body as it is.");
        }

        var isJson = IsJson(request.ContentType);
        var isGuarded = InputGuard.Begin(context);
        if (!isJson && !isGuarded && !call.SignsBody)
        {
            call.Stream(context.Settings.MaxRequestBytes);
            return request.ContentLength > context.Settings.MaxRequestBytes ? CallerContent.TooLarge(context.Settings.MaxRequestBytes) : null;
        }

        var (body, failure) = await RequestBodyReader.ReadAsync(context.Http, context.Settings.MaxRequestBytes).ConfigureAwait(false);
        context.Body = body;
        if (failure is { Error: GatewayError.BodyMissing })
        {
            return null;
        }

        return failure ?? (isJson ? Scan(context) : null);
    }

    private static Failure? Scan(RequestContext context)
    {
        var error = EnvelopeReader.Read(context.Body.Span, context.Operation.Shape, modelInPath: true, context.Settings.MaxJsonDepth, out context.Envelope);
        return error.Problem switch
        {
            // A list of whatever it is: it names no model.
            EnvelopeProblem.None or EnvelopeProblem.NotAnObject => null,
            EnvelopeProblem.TooDeep => new Failure(GatewayError.BodyTooDeep, Step.Envelope, error.Detail!),
            EnvelopeProblem.Malformed => new Failure(GatewayError.BodyMalformed, Step.Envelope, error.Detail!),
            EnvelopeProblem.Duplicate => new Failure(GatewayError.ValueDuplicate, Step.Envelope, error.Detail!) { Param = error.Member },
            _ => new Failure(GatewayError.ValueInvalid, Step.Envelope, error.Detail!) { Param = error.Member },
        };
    }

    private ValueTask<Failure?> AdmitAsync(RequestContext context, PassthroughCall call)
    {
        if (!call.IsBillable)
        {
            return admit.RunAsync(context, default(DeploymentRuntime), 0, 0);
        }

        var output = 0L;
        if (call.Model is { } model && call.Deployment.Pricing.Price(new(model, context.Key!.Identity.CustomerId, context.StartedAtMicros)) is not null)
        {
            var cap = context.Envelope.MaxOutputTokens;
            cap = cap > 0 ? cap : call.Deployment.Pricing.MaxOutput(model) ?? OutputPolicy.Of(context).Tokens;
            output = cap * Math.Max(1, context.Envelope.Choices);
        }

        return admit.RunAsync(context, call.Deployment, PromptBound.Of(context.Body.Span), output);
    }

    /// <summary>Checks the body. What was taken out of it is put back into what comes back.</summary>
    private async ValueTask<Failure?> GuardAsync(RequestContext context)
    {
        if (context.Guard is null && context.Body.Length == 0)
        {
            InputGuard.Begin(context);
        }

        if ((context.Guard is null && context.Model.Guards.BlockedTerms is null) || context.Body.Length == 0)
        {
            return null;
        }

        var (content, failure) = await guard.CheckAsync(context, context.Body.Memory, ContentForm.Any, isAnswered: true, context.Http.RequestAborted).ConfigureAwait(false);
        if (failure is null && !content.Equals(context.Body.Memory))
        {
            using var output = new PooledBodyWriter(content.Length + 1);
            output.Write(content.Span);
            context.ReplaceBody(output.Detach());
        }

        return failure;
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
        if (context.Http.Response.HasStarted)
        {
            context.Http.Abort();
            return;
        }

        await ErrorResponse.WriteAsync(context.Http, GuardHeader.Told(failure, context.Guard), context.Attempts, context.Operation.Dialect).ConfigureAwait(false);
    }

    private static bool IsJson(string? contentType)
    {
        var type = contentType?.Split(';', 2)[0].Trim() ?? "";
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);
}
