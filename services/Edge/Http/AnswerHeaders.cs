using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Http;

/// <summary>
/// What an answer's headers tell of the gateway's part in it, as <c>settings.telemetry.responseHeaders</c> says. The figures of a stream are not known when its head goes out:
/// they follow in trailers to callers that announce to take those (<c>te: trailers</c>).
/// </summary>
internal static class AnswerHeaders
{
    private static readonly CostText?[] _costs = new CostText?[251];

    private static readonly string?[] _micros = new string?[4_096];

    /// <summary>Writes the headers of an answer.</summary>
    public static void Write(RequestContext context)
    {
        var (response, headers) = (context.Http.Response, context.Http.Response.Headers);
        headers[GatewayHeaders.RequestId] = context.Http.TraceIdentifier;
        var level = context.Settings.Telemetry.ResponseHeaders;
        if (level == ResponseHeaderLevel.Minimal)
        {
            return;
        }

        context.Cache?.WriteHeaders(context);
        if (context.Guard is { } state)
        {
            GuardHeader.Write(response, state);
        }

        headers[GatewayHeaders.Provider] = context.Deployment!.Provider.Id;
        if (context.Attempts.Made > 1)
        {
            headers[GatewayHeaders.Attempts] = context.Attempts.Made.ToString(CultureInfo.InvariantCulture);
        }

        if (level != ResponseHeaderLevel.Full)
        {
            return;
        }

        if (context.Route is { } route && HeaderText.IsPlain(route.Entry.Name))
        {
            headers[GatewayHeaders.Route] = route.Entry.Name;
        }

        if (context.Settled)
        {
            headers[GatewayHeaders.Cost] = Usd(context.CostNanoUsd);
            headers[GatewayHeaders.Overhead] = Micros(context.OverheadMicros);
        }
        else if (TakesTrailers(context))
        {
            response.DeclareTrailer(GatewayHeaders.Cost);
            response.DeclareTrailer(GatewayHeaders.Overhead);
            response.DeclareTrailer(GatewayHeaders.Attempts);
            if (context.Guard is not null)
            {
                response.DeclareTrailer(GatewayHeaders.Guardrails);
            }
        }
    }

    /// <summary>Writes what is known once a stream is settled, to callers that take it. To be called before the stream's end goes out.</summary>
    public static void WriteTrailers(RequestContext context)
    {
        if (!context.Settled || context.Settings.Telemetry.ResponseHeaders != ResponseHeaderLevel.Full || !TakesTrailers(context))
        {
            return;
        }

        var response = context.Http.Response;
        response.AppendTrailer(GatewayHeaders.Cost, Usd(context.CostNanoUsd));
        response.AppendTrailer(GatewayHeaders.Overhead, Micros(context.OverheadMicros));
        response.AppendTrailer(GatewayHeaders.Attempts, context.Attempts.Made.ToString(CultureInfo.InvariantCulture));
        if (context.Guard is { } guard && GuardHeader.Text(guard) is { Length: > 0 } text)
        {
            response.AppendTrailer(GatewayHeaders.Guardrails, text);
        }
    }

    /// <summary>Dollars with up to nine places, which is exact. Requests of one kind often cost the same: the texts of late are kept.</summary>
    private static string Usd(long nanoUsd)
    {
        ref var kept = ref _costs[(int)((ulong)nanoUsd % (uint)_costs.Length)];
        if (Volatile.Read(ref kept) is { } known && known.NanoUsd == nanoUsd)
        {
            return known.Text;
        }

        var text = Format(nanoUsd);
        Volatile.Write(ref kept, new CostText(nanoUsd, text));
        return text;
    }

    private static string Micros(long micros)
    {
        if (micros >= _micros.Length)
        {
            return micros.ToString(CultureInfo.InvariantCulture);
        }

        ref var kept = ref _micros[micros];
        return Volatile.Read(ref kept) ?? (kept = micros.ToString(CultureInfo.InvariantCulture));
    }

    private static string Format(long nanoUsd)
    {
        var (dollars, rest) = Math.DivRem(nanoUsd, 1_000_000_000);
        Span<char> text = stackalloc char[32];
        return rest == 0 ? dollars.ToString(CultureInfo.InvariantCulture)
            : text.TryWrite(CultureInfo.InvariantCulture, $"{dollars}.{Math.Abs(rest):D9}", out var length) ? text[..length].TrimEnd('0').ToString()
            : "";
    }

    private sealed record CostText(long NanoUsd, string Text);

    private static bool TakesTrailers(RequestContext context) =>
        context.Http.Request.Headers.TE is { Count: > 0 } te && te.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase) && context.Http.Response.SupportsTrailers();
}
