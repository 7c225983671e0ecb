using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Limits;
using Gateway.Governance.Api;

namespace Gateway.Governance.Limits;

/// <summary>Where edges get slices of shared rate limits.</summary>
internal static class LimitEndpoint
{
    private const int MostAsks = 5_000;
    private const int MostChars = 2_048;
    private const long Most = 1_000_000_000_000_000_000;

    public static void MapLimitExchange(this RouteGroupBuilder group) => group.MapPost("/limits", async (HttpContext context, LimitTable table) =>
    {
        LimitRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.LimitRequest, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body does not ask for limits: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        return request is null || request.Edge.Length is 0 or > MostChars || request.Memory.Length > MostChars || request.Limits.Count > MostAsks || request.Limits.Any(static a => a is null || !IsWhole(a))
            ? Problem.Malformed($"The body does not ask for limits: it needs an edge, and has at most {MostAsks} counters with figures that make sense.").ToResult()
            : Results.Json(table.Answer(request), ContractsJson.Default.LimitResponse);
    });

    private static bool IsWhole(LimitAsk ask) =>
        ask.Id.Length is > 0 and <= MostChars && ask.Amount is > 0 and < Most && ask.Burst is > 0 and < Most && ask.WindowMicros is >= 0 and <= 86_400_000_000
        && Int128.Abs(ask.Used) < Most && Int128.Abs(ask.Held) < Most && IsAmount(ask.Free) && IsAmount(ask.Wanted) && IsAmount(ask.Needed) && IsAmount(ask.Least) && IsAmount(ask.Floor);

    private static bool IsAmount(long amount) => amount is >= 0 and < Most;
}
