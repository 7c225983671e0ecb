using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Accounts;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Http;
using Gateway.Edge.Http.Inbound;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.StoredObjects;

/// <summary>Serves <c>/v1/responses/{id}</c> and what lies below it: asks the deployment that holds the response.</summary>
internal sealed partial class StoredResponseHandler(
    IdentifyStep identify,
    AdmitStep admit,
    AnswerStep answer,
    SettleStep settle,
    ObjectIds ids,
    RuntimeHolder runtime,
    IDrain drain,
    TimeProvider time,
    ILogger<StoredResponseHandler> logger) : IInboundHandler
{
    private static readonly HashSet<string> _passed = new(StringComparer.Ordinal) { "stream", "starting_after", "include", "include[]", "include_obfuscation", "limit", "order", "after", "before" };

    public InboundEndpoint Endpoint => InboundEndpoint.StoredResponse;

    public async Task HandleAsync(HttpContext http, InboundMatch match)
    {
        if (runtime.Current is not { } model)
        {
            await ErrorResponse.WriteAsync(http, new Failure(GatewayError.NotReady, Step.Http, "The gateway has no configuration yet; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) }, null, DialectId.OpenAIResponses).ConfigureAwait(false);
            return;
        }

        var now = time.GetUtcNow();
        var context = new RequestContext(http, OperationSpec.StoredResponse, model, time.GetTimestamp(), (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        _ = EnvelopeReader.Read("{}"u8, context.Operation.Shape, modelInPath: true, 1, out context.Envelope);
        if (EdgeTracing.IsOn)
        {
            EdgeTracing.Start(context);
        }

        try
        {
            if (await RunAsync(context, match.Captured!).ConfigureAwait(false) is { } failure)
            {
                await FailAsync(context, failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            context.Outcome = context.Settled ? context.Outcome : RequestOutcome.ClientCancelled;
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogBug(e, http.TraceIdentifier);
            await FailAsync(context, new Failure(GatewayError.Internal, Step.Settle, "The gateway failed; the operator finds this request id in its log.")).ConfigureAwait(false);
        }
        finally
        {
            settle.Run(context);
            context.Answer.Dispose();
            context.Upstream?.Dispose();
            EdgeTracing.Finish(context, time);
        }
    }

    private async ValueTask<Failure?> RunAsync(RequestContext context, string id) =>
        identify.Run(context)
        ?? AuthorizeStep.CheckAddress(context)
        ?? Find(context, id)
        ?? Guard(context)
        ?? await admit.RunAsync(context, default(DeploymentRuntime), 0, 0).ConfigureAwait(false)
        ?? await CallAsync(context).ConfigureAwait(false)
        ?? await answer.RunAsync(context).ConfigureAwait(false);

    /// <summary>
    /// A response that is asked for again is an answer like any other, and it is not known which of the holder's models made it. Where a text may have begun before the event that the caller wants to
    /// go on after, the provider is asked for all of it.
    /// </summary>
    private static Failure? Guard(RequestContext context)
    {
        var request = context.Http.Request;
        if (!HttpMethods.IsDelete(request.Method) && !request.Path.Value!.EndsWith("/input_items", StringComparison.Ordinal) && InputGuard.Begin(context, ofAnyModel: true)
            && PassedAnswers.AppliesTo(context) && request.Query["stream"] == "true" && long.TryParse(request.Query["starting_after"], NumberStyles.None, CultureInfo.InvariantCulture, out var after))
        {
            context.StoredAfter = after;
        }

        return null;
    }

    private Failure? Find(RequestContext context, string id)
    {
        var (key, tenant) = (context.Key!, ObjectIds.Tenant(context.Key!));
        if (!ids.TryUnwrap(id, ResponseIds.Prefix, tenant, out var reference))
        {
            return ContinuationStep.NotFound(Step.Authorize, "response_id");
        }

        var routes = context.Model.Routes.Where(r => r.Targets.Any(t => t.DeploymentId == reference.HolderId)).ToList();
        if (routes.Count == 0)
        {
            return new Failure(GatewayError.ResponseNotFound, Step.Route, "The response is held by a deployment that no route leads to any more.") { Param = "response_id" };
        }

        // Of a pattern it cannot be told which of its models made the response.
        if (!routes.Exists(r => r.IsPattern || key.Models.Allows(r.Name)))
        {
            return new Failure(GatewayError.ModelForbidden, Step.Authorize, "This API key may not use the model that made the response.") { Param = "response_id" };
        }

        var deployment = routes[0].Targets.First(t => t.DeploymentId == reference.HolderId).Deployment;
        if (!key.Providers.Allows(deployment.Provider.Id))
        {
            return new Failure(GatewayError.ProviderForbidden, Step.Authorize, $"This API key may not reach the provider '{deployment.Provider.Id}', which holds the response.");
        }

        context.Deployment = deployment;
        context.Stored = new StoredResponses(ids, tenant, makes: true) { Earlier = reference };
        return null;
    }

    private async ValueTask<Failure?> CallAsync(RequestContext context)
    {
        var (deployment, request) = (context.Deployment!, context.Http.Request);
        var timeouts = deployment.Provider.Timeouts;
        var path = request.Path.Value!;
        var below = path.EndsWith("/cancel", StringComparison.Ordinal) ? "/cancel" : path.EndsWith("/input_items", StringComparison.Ordinal) ? "/input_items" : "";
        var target = new UpstreamTarget(UpstreamOperation.Chat, DialectId.OpenAIResponses, context.ModelFor(deployment), false)
        {
            Suffix = $"/{Uri.EscapeDataString(context.Stored!.Earlier!.Value.RawId)}{below}{Query(request.QueryString.Value, context.StoredAfter is not null)}",
        };
        var deadline = CallDeadline.Start(timeouts.TotalMs, time, context.Http.RequestAborted, context.Key!.Standing.Cut);
        context.Answer.Deadline = deadline;
        context.Attempts.CountMade();
        try
        {
            var response = await UpstreamCall.SendAsync(context.Http, deployment, target, null, null, deadline, HttpMethod.Parse(request.Method)).ConfigureAwait(false);
            context.Upstream = response;
            context.ProviderStatus = (int)response.StatusCode;
            return await TakeAsync(context, response, deadline, timeouts.IdleMs).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Http.RequestAborted.IsCancellationRequested)
            {
                context.Outcome = RequestOutcome.ClientCancelled;
                return new Failure(GatewayError.UpstreamCut, Step.Call, "The caller went away.");
            }

            return Revocation.IsCut(context) ? Revocation.End(context) : Unavailable(context, UpstreamFault.From(e, deadline));
        }
    }

    private async ValueTask<Failure?> TakeAsync(RequestContext context, HttpResponseMessage response, CallDeadline deadline, int idleMs)
    {
        switch (context.ProviderStatus)
        {
            case 401 or 403:
                // The caller's own key is not at fault, as these would say.
                return Unavailable(context, new UpstreamFault(GatewayError.UpstreamAuth, "the credential was refused", false));
            case (< 200 or >= 300) and < 400:
                return Unavailable(context, new UpstreamFault(GatewayError.UpstreamInvalid, "redirect refused", false));
            case < 400 when UpstreamFault.MediaType(response.Content.Headers).StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase):
                deadline.EndWith(drain.Deadline);
                var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
                _ = EnvelopeReader.Read("""{"stream":true}"""u8, context.Operation.Shape, modelInPath: true, 1, out context.Envelope);
                context.Answer.Stream = new StreamSource(stream, new SseFrameReader(), deadline, idleMs);
                context.Answer.Form = new AnswerForm
                {
                    Scan = new PaidScan(StreamScans.Create(DialectId.OpenAIResponses, 1)),
                    Ids = context.Stored!.Of(context.Deployment!.Id),
                };
                return null;
            default:
                var body = await ResponseBodyReader.ReadAsync(response, deadline, idleMs).ConfigureAwait(false);
                context.Answer.Body = body;
                context.Outcome = context.ProviderStatus < 400 ? RequestOutcome.Completed : RequestOutcome.UpstreamError;
                return null;
        }
    }

    private static Failure Unavailable(RequestContext context, UpstreamFault fault)
    {
        context.Outcome = RequestOutcome.UpstreamUnavailable;
        return new Failure(fault.Error, Step.Call, $"The deployment '{context.Deployment!.Id}', which holds the response, gave no answer: {fault.Reason}.");
    }

    /// <summary>What the API knows of the caller's query; an Azure client's version, for one, is not the provider's.</summary>
    private static string Query(string? query, bool fromStart)
    {
        var kept = string.IsNullOrEmpty(query)
            ? ""
            : string.Join('&', query[1..].Split('&').Where(p => Uri.UnescapeDataString(p.Split('=', 2)[0]) is var name && _passed.Contains(name) && !(fromStart && name == "starting_after")));
        return kept.Length == 0 ? "" : "?" + kept;
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

        await ErrorResponse.WriteAsync(context.Http, GuardHeader.Told(failure, context.Guard), context.Attempts, DialectId.OpenAIResponses).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Error, "request {RequestId} failed inside the gateway")]
    private partial void LogBug(Exception exception, string requestId);

    /// <summary>A stream that was paid for when it was made: its usage is not counted again.</summary>
    private sealed class PaidScan(IStreamScan scan) : IStreamScan
    {
        public int TextBytes => 0;

        public bool HasUsage => false;

        public TokenCounts Tokens => default;

        public ScannedKind Read(in StreamFrame frame) => scan.Read(frame);

        public bool Complete() => scan.Complete();
    }
}
