using System.Diagnostics;
using System.Net.Http.Headers;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>The trace context (W3C) of calls of providers.</summary>
internal static class OutboundContext
{
    private const int MostState = 512;
    private const int MostBaggage = 8_192;

    // The settings are the request's, and what makes the call knows only its connection.
    private static readonly object _passesBaggage = new();

    /// <summary>Notes whether the caller's baggage goes to providers; called once for a request that has some.</summary>
    public static void Allow(RequestContext context)
    {
        if (context.Settings.Telemetry.BaggageToProviders)
        {
            context.Http.Items[_passesBaggage] = _passesBaggage;
        }
    }

    /// <summary>Adds the current span's context; where nothing is traced, the caller's own, so that its trace does not end at the gateway.</summary>
    public static void Add(HttpRequestHeaders headers, HttpContext http)
    {
        var incoming = http.Request.Headers;
        if (Activity.Current is { Recorded: true, Id: { } current } activity)
        {
            Add(headers, current, activity.TraceStateString);
        }
        else if (incoming.TraceParent is [{ } callers] && EdgeTracing.Caller(http).TraceId != default)
        {
            Add(headers, callers, incoming.TraceState.ToString());
        }

        if (incoming.Baggage is [{ Length: > 0 and <= MostBaggage } baggage] && http.Items.ContainsKey(_passesBaggage))
        {
            headers.TryAddWithoutValidation("baggage", baggage);
        }
    }

    private static void Add(HttpRequestHeaders headers, string parent, string? state)
    {
        headers.TryAddWithoutValidation("traceparent", parent);
        if (state is { Length: > 0 and <= MostState })
        {
            headers.TryAddWithoutValidation("tracestate", state);
        }
    }
}
