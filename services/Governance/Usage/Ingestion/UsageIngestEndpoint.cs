using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Snapshot;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>Where edges hand in what their journals hold.</summary>
internal static class UsageIngestEndpoint
{
    public static void MapUsageIngest(this RouteGroupBuilder group)
        => group.MapPost("/usage", async (HttpContext context, UsageWriter writer, EdgeRegistry edges) =>
        {
            UsageBatch? batch;
            try
            {
                batch = await JsonSerializer.DeserializeAsync(context.Request.Body, DefaultingJson.UsageBatch, context.RequestAborted).ConfigureAwait(false);
            }
            catch (JsonException malformed)
            {
                return Problem.Malformed($"The body is no usage batch: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine}.").ToResult();
            }

            if (batch is null || batch.Records.Any(r => r is null))
            {
                return Problem.Malformed("The body is no usage batch: it, or one of its records, is null.").ToResult();
            }

            var errors = UsageBatchCheck.Check(batch);
            if (errors.Any)
            {
                return Problem.Invalid(errors.All).ToResult();
            }

            edges.SawUsage(batch.EdgeId, batch.Records.Count, Math.Max(0, batch.Refused));
            var ack = await writer.StoreAsync(batch, context.RequestAborted).ConfigureAwait(false);
            return Results.Json(ack, ContractsJson.Default.UsageAck);
        });
}
