using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Health;
using Gateway.Governance.Access;
using Gateway.Governance.Api;

namespace Gateway.Governance.Health;

/// <summary>Where edges tell what they know of deployments and credentials, and hear what others know.</summary>
internal static class HealthEndpoint
{
    private const int MostEntries = 10_000;
    private const int MostChars = 256;

    /// <summary>What the edges have reported of late, for people.</summary>
    public static void MapHealth(this RouteGroupBuilder api) => api.MapGet("/health", (HealthBoard board) => Results.Json(
            new SharedHealth { Edges = [.. board.Fresh.OrderBy(r => r.EdgeId, StringComparer.Ordinal)] }, ContractsJson.Default.SharedHealth))
        .WithTags("Status")
        .WithName("getHealth")
        .WithSummary("What each edge has reported of deployments and credentials in the last half minute: which rest and why, calls under way, times to the first token.")
        .Produces<SharedHealth>().Refuses()
        .Access("status", AccessAction.Read);

    public static void MapHealthExchange(this RouteGroupBuilder group) => group.MapPost("/health", async (HttpContext context, HealthBoard board) =>
    {
        HealthReport? report;
        try
        {
            report = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.HealthReport, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body is no health report: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        if (report is null || report.EdgeId.Length is 0 or > MostChars || report.Deployments.Count > MostEntries || report.Credentials.Count > MostEntries
            || report.Deployments.Any(d => d is null || d.Id.Length > MostChars || d.Reason?.Length > MostChars * 2)
            || report.Credentials.Any(c => c is null || c.Id.Length > MostChars || c.Fingerprint.Length > MostChars || c.Retired?.Length > MostChars))
        {
            return Problem.Malformed($"The body is no health report: it needs an edgeId, and has at most {MostEntries} entries of each kind with short texts.").ToResult();
        }

        board.Take(report);
        return Results.Json(board.Except(report.EdgeId), ContractsJson.Default.SharedHealth);
    });
}
