using System.Diagnostics;
using Gateway.Edge.Caching;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>Writes what is known of a request onto its span. Text comes only from the configuration, the address and the gateway itself: never what was said.</summary>
internal static class SpanWriter
{
    private const int MostAddress = 256;

    /// <summary>A moment of a record as a point in time.</summary>
    public static DateTime Instant(long micros) => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>Name of a request's span: method and address, of which the public API has few; a model in the address is left out.</summary>
    public static string NameOf(RequestContext context) => $"{context.Http.Request.Method} {RouteOf(context)}";

    /// <summary>Whom the caller's baggage names, for the gateway's own services.</summary>
    public static void AddBaggage(Activity server, HttpContext http)
    {
        if (http.Request.Headers.Baggage is { Count: > 0 } header)
        {
            foreach (var (name, value) in Baggage.Members(header.ToString()))
            {
                server.AddBaggage(name, value);
            }
        }
    }

    /// <summary>Completes the spans of a request that was traced from its start.</summary>
    public static void Complete(RequestContext context, RequestTrace trace, TimeProvider time)
    {
        Describe(trace.Server, context, time);
        var end = End(context, time);
        if (trace.Call is { } call)
        {
            CallSpan.Answer(call, context, trace.Facts, time);
            call.SetEndTime(end);
        }

        trace.Server.SetEndTime(end);
    }

    /// <summary>When the request ended, by the clock that its steps are measured with.</summary>
    public static DateTime End(RequestContext context, TimeProvider time) =>
        Instant(context.StartedAtMicros) + time.GetElapsedTime(context.StartedTimestamp);

    /// <summary>What a request's span tells.</summary>
    public static void Describe(Activity server, RequestContext context, TimeProvider time)
    {
        var request = context.Http.Request;
        server.SetTag("http.request.method", request.Method);
        server.SetTag("http.route", RouteOf(context));
        server.SetTag("url.path", request.Path.Value is { Length: <= MostAddress } path ? path : RouteOf(context));
        server.SetTag("url.scheme", request.Scheme);
        server.SetTag("http.response.status_code", context.Status);
        server.SetTag("gateway.request.id", context.Http.TraceIdentifier);
        server.SetTag("gateway.operation", context.Operation.Name);
        server.SetTag("gateway.model", context.ModelName);
        server.SetTag("gateway.route", context.Route?.Entry.Name);
        server.SetTag("gateway.provider", context.Deployment?.Provider.Id);
        server.SetTag("gateway.deployment", context.Deployment?.Id);
        server.SetTag("gateway.key.id", context.Key?.Id);
        server.SetTag("gateway.team.id", Some(context.Key?.TeamId));
        server.SetTag("gateway.customer.id", Some(context.Key?.Identity.CustomerId));
        server.SetTag("user.id", Some(context.EndUser));
        server.SetTag("session.id", Some(context.SessionId));
        server.SetTag("gateway.stream", context.Envelope.Stream);
        server.SetTag("gateway.attempts", context.Attempts.Made);
        server.SetTag("gateway.outcome", EdgeMetrics.Name(context.Outcome));
        server.SetTag("gateway.cost.usd", context.CostNanoUsd / 1e9);
        server.SetTag("gateway.overhead.us", context.OverheadMicros);
        if (context.Continued is { } continued)
        {
            server.SetTag("gateway.continued", continued.ToArray());
        }

        if (context.Side is { } side)
        {
            server.SetTag("gateway.side.cost.usd", side.CostNanoUsd / 1e9);
            server.SetTag("gateway.side.tokens", side.Tokens.Total);
        }

        if (context.Cache is { } cache)
        {
            server.SetTag("gateway.cache", CacheFacts.NameOf(cache.Outcome));
        }

        if (context.Guard is { } guard)
        {
            server.SetTag("gateway.guardrails", GuardHeader.Text(guard) is { Length: > 0 } text ? text : "passed");
        }

        AddSteps(server, context);
        context.Decision?.Tell(server);
        if (context.Failure is { } failure)
        {
            server.SetTag("error.type", failure.Row.Code);
            server.SetTag("gateway.fault", ErrorResponse.Name(failure.Row.Fault));
            server.SetTag("gateway.step", ErrorResponse.Name(failure.Step));
        }
        else if (context.Status >= 400)
        {
            server.SetTag("error.type", context.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        // By convention a server's span is in error only when the fault is not the caller's.
        if (TraceSampling.IsFault(context))
        {
            server.SetStatus(ActivityStatusCode.Error, context.Failure?.Row.Code);
        }
    }

    private static void AddSteps(Activity server, RequestContext context)
    {
        if (context.Steps is not { } steps)
        {
            return;
        }

        foreach (var (_, name, from, to) in steps.Each())
        {
            server.AddEvent(new ActivityEvent("gateway.step", Instant(context.StartedAtMicros + to), new ActivityTagsCollection
            {
                ["gateway.step"] = name,
                ["gateway.step.duration_us"] = to - from,
            }));
        }
    }

    private static string RouteOf(RequestContext context)
    {
        var path = context.Http.Request.Path.Value ?? "/";
        return context.PathModel is { Length: > 0 } model && path.Contains(model, StringComparison.Ordinal) ? path.Replace(model, "{model}", StringComparison.Ordinal)
            : path.Length <= MostAddress ? path : path[..MostAddress];
    }

    private static string? Some(string? text) => text is { Length: > 0 } ? text : null;
}
