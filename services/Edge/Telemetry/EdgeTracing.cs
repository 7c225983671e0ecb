using System.Buffers.Binary;
using System.Diagnostics;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Telemetry;

/// <summary>
/// The spans of an inference request, by the OpenTelemetry semantic conventions for generative AI. One request in so many is traced from its start; for all others
/// nothing is recorded but when their steps ended, from which spans are made at the end where the request turns out to be worth it. Never carries what was said.
/// </summary>
internal static class EdgeTracing
{
    public const string SourceName = "Gateway.Edge";

    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>True when somebody takes spans.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Begins to trace a request, where its start decides that. The span becomes the current one of whoever awaits the request.</summary>
    public static void Start(RequestContext context)
    {
        var parent = Caller(context.Http);
        if (!TraceSampling.IsTaken(context.Settings.Telemetry, parent, Random.Shared.NextInt64()))
        {
            return;
        }

        // The source's own sampler only follows: the decision is made here.
        var into = parent.TraceId == default
            ? new ActivityContext(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded)
            : parent;
        if (Source.StartActivity(SpanWriter.NameOf(context), ActivityKind.Server, into) is { } server)
        {
            server.SetStartTime(SpanWriter.Instant(context.StartedAtMicros));
            SpanWriter.AddBaggage(server, context.Http);
            context.Trace = new RequestTrace(server);
        }
    }

    /// <summary>Makes a turn of a request that the gateway answers by running tools part of that request's trace. The span becomes the current one of the turn.</summary>
    public static void Join(RequestContext context)
    {
        if (context is { Trace: null, Bill: not null } && Begin("gateway.turn") is { } turn)
        {
            context.Trace = new RequestTrace(turn);
        }
    }

    /// <summary>Decides, once the request is settled, whether one that was not traced from its start is traced after all.</summary>
    /// <returns>True when the request is traced, for either reason.</returns>
    public static bool Decide(RequestContext context, long costNanoUsd, TimeSpan elapsed)
    {
        if (context is { Trace: null, Key: not null, Bill: null } && TraceSampling.IsKept(context, costNanoUsd, elapsed))
        {
            var parent = Caller(context.Http);
            context.KeptTrace = Number(parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId);
        }

        return context.Trace is not null || context.KeptTrace != 0;
    }

    /// <summary>Ends the spans of a request, or makes those of one that is kept for its end.</summary>
    public static void Finish(RequestContext context, TimeProvider time)
    {
        if (context.Trace is { } trace)
        {
            SpanWriter.Complete(context, trace, time);
            trace.IsHandedOn = context.Settings.Telemetry.TraceContent && trace.Call is not null && context.Log is { IsSettled: true };
            if (!trace.IsHandedOn)
            {
                trace.Stop();
            }
        }
        else if (context.KeptTrace != 0)
        {
            LateSpans.Write(context, time);
        }
    }

    /// <summary>Begins the span of a step that may ask others; null where nothing is traced. It belongs to the span that is current.</summary>
    public static Activity? Begin(string name, ActivityKind kind = ActivityKind.Internal) =>
        Activity.Current is { Recorded: true } ? Source.StartActivity(name, kind) : null;

    /// <summary>Leaves out a span whose step turned out to have had nothing to do.</summary>
    public static void Forget(Activity? span)
    {
        if (span is not null)
        {
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            span.IsAllDataRequested = false;
        }
    }

    /// <summary>Begins the span of one call of a provider, where the request is traced from its start; it becomes the current one.</summary>
    public static void BeginCall(RequestContext context, UpstreamAttempt attempt)
    {
        if (context.Trace is { } trace && Source.StartActivity(CallSpan.NameOf(context, attempt.Deployment), ActivityKind.Client, trace.Server.Context) is { } call)
        {
            CallSpan.Ask(call, context, attempt.Deployment);
            trace.Put(attempt, call);
        }
    }

    /// <summary>The trace that the caller's headers name; default for none.</summary>
    public static ActivityContext Caller(HttpContext http)
    {
        var header = http.Request.Headers.TraceParent;
        return header.Count == 1 && ActivityContext.TryParse(header[0], http.Request.Headers.TraceState is [{ Length: > 0 and <= 512 } state] ? state : null, isRemote: true, out var parent)
            ? parent
            : default;
    }

    /// <summary>An id as a number, as records carry it.</summary>
    public static UInt128 Number(ActivityTraceId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The id that a number stands for.</summary>
    public static ActivityTraceId Id(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return ActivityTraceId.CreateFromBytes(bytes);
    }
}
