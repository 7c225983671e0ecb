using System.Diagnostics;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>
/// Makes the spans of a request that is kept for how it ended, of what was noted on its way: the request with its steps, and each call. Services it asked meanwhile were
/// told that it is not traced, and have none.
/// </summary>
internal static class LateSpans
{
    public static void Write(RequestContext context, TimeProvider time)
    {
        var parent = EdgeTracing.Caller(context.Http);
        var into = new ActivityContext(EdgeTracing.Id(context.KeptTrace), parent.SpanId, ActivityTraceFlags.Recorded, parent.TraceState, parent.IsRemote);
        using var server = EdgeTracing.Source.StartActivity(SpanWriter.NameOf(context), ActivityKind.Server, into, startTime: SpanWriter.Instant(context.StartedAtMicros));
        if (server is null)
        {
            return;
        }

        SpanWriter.Describe(server, context, time);
        server.SetTag("gateway.trace.kept", "late");
        var end = SpanWriter.End(context, time);
        var number = 0;
        foreach (var attempt in context.Attempts.Failed)
        {
            if (attempt.Started != 0)
            {
                Failed(context, attempt, server.Context, ++number);
            }
        }

        if (context is { CallStartedMicros: > 0 and var began, Deployment: { } deployment })
        {
            using var call = EdgeTracing.Source.StartActivity(
                CallSpan.NameOf(context, deployment), ActivityKind.Client, server.Context, startTime: SpanWriter.Instant(context.StartedAtMicros + began));
            if (call is not null)
            {
                CallSpan.Ask(call, context, deployment);
                CallSpan.Answer(call, context, null, time);
                call.SetEndTime(end);
            }
        }

        server.SetEndTime(end);
    }

    private static void Failed(RequestContext context, in AttemptLog.Attempt attempt, in ActivityContext parent, int number)
    {
        using var call = EdgeTracing.Source.StartActivity($"{context.Operation.Name} {attempt.Deployment}", ActivityKind.Client, parent, startTime: At(context, attempt.Started));
        if (call is null)
        {
            return;
        }

        call.SetTag("gen_ai.operation.name", context.Operation.Name);
        call.SetTag("gen_ai.request.model", context.ModelName);
        call.SetTag("gateway.deployment", attempt.Deployment);
        call.SetTag("gateway.attempt", number);
        if (context.Model.Upstream.Deployments.GetValueOrDefault(attempt.Deployment) is { } deployment)
        {
            call.DisplayName = CallSpan.NameOf(context, deployment);
            CallSpan.Ask(call, context, deployment);
            call.SetTag("gateway.attempt", number);
        }

        if (attempt.Status != 0)
        {
            call.SetTag("http.response.status_code", attempt.Status);
        }

        CallSpan.Fail(call, attempt.Status >= 400 ? attempt.Status.ToString(System.Globalization.CultureInfo.InvariantCulture) : "upstream", attempt.Reason);
        call.SetEndTime(At(context, attempt.Started).AddMilliseconds(attempt.Milliseconds));
    }

    private static DateTime At(RequestContext context, long micros) => SpanWriter.Instant(context.StartedAtMicros + micros);
}
