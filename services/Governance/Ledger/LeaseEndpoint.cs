using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Budgets;
using Gateway.Governance.Api;

namespace Gateway.Governance.Ledger;

/// <summary>Where edges get what they may spend by themselves.</summary>
internal static class LeaseEndpoint
{
    private const int MostLeases = 10_000;
    private const int IdLength = 128;
    private const long MostNanoUsd = 2_000_000_000_000_000_000;
    private const long MostMicros = 32_503_680_000_000_000;

    public static void MapLeases(this RouteGroupBuilder group)
        => group.MapPost("/leases", async (HttpContext context, LeaseWriter writer) =>
        {
            LeaseRequest? request;
            try
            {
                request = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.LeaseRequest, context.RequestAborted).ConfigureAwait(false);
            }
            catch (JsonException malformed)
            {
                return Problem.Malformed($"The body is no lease request: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine}.").ToResult();
            }

            if (request is null || request.Leases.Any(l => l is null))
            {
                return Problem.Malformed("The body is no lease request: it, or one of its leases, is null.").ToResult();
            }

            var errors = Check(request);
            return errors.Any
                ? Problem.Invalid(errors.All).ToResult()
                : Results.Json(await writer.AskAsync(request, context.RequestAborted).ConfigureAwait(false), ContractsJson.Default.LeaseResponse);
        });

    private static FieldErrors Check(LeaseRequest request)
    {
        var errors = new FieldErrors();
        if (request.EdgeId.Length is 0 or > IdLength)
        {
            errors.Add("edgeId", $"must have 1 to {IdLength} characters.");
        }

        if (request.Epoch is <= 0 or >= MostMicros)
        {
            errors.Add("epoch", "must be microseconds since 1970-01-01 UTC, before the year 3000.");
        }

        if (request.Leases.Count > MostLeases)
        {
            errors.Add("leases", $"has {request.Leases.Count} entries; at most {MostLeases} are taken at once.");
            return errors;
        }

        for (var i = 0; i < request.Leases.Count; i++)
        {
            var ask = request.Leases[i];
            if (ask.BudgetId.Length is 0 or > IdLength)
            {
                errors.Add($"leases[{i}].budgetId", $"must have 1 to {IdLength} characters.");
            }

            if (ask.Window.Length is 0 or > IdLength)
            {
                errors.Add($"leases[{i}].window", $"must have 1 to {IdLength} characters.");
            }

            if (ask.Start is < -MostMicros or >= MostMicros)
            {
                errors.Add($"leases[{i}].start", "must be microseconds since 1970-01-01 UTC, before the year 3000.");
            }

            foreach (var (name, amount) in ((string, long)[])
                [("granted", ask.Granted), ("returned", ask.Returned), ("spent", ask.Spent), ("held", ask.Held), ("wanted", ask.Wanted), ("needed", ask.Needed)])
            {
                if (amount is < 0 or > MostNanoUsd)
                {
                    errors.Add($"leases[{i}].{name}", $"must be 0 to {MostNanoUsd}.");
                }
            }
        }

        return errors;
    }
}
