using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.RequestLog.Ingestion;

/// <summary>Where edges hand in entries of the request log.</summary>
internal static class LogIngestEndpoint
{
    private static readonly System.Text.Json.Serialization.Metadata.JsonTypeInfo<RequestLogBatch> Json = DefaultingJson.For<RequestLogBatch>();

    public static void MapLogIngest(this RouteGroupBuilder group)
        => group.MapPost("/logs", async (HttpContext context, LogStore store) =>
        {
            RequestLogBatch? batch;
            try
            {
                batch = await JsonSerializer.DeserializeAsync(context.Request.Body, Json, context.RequestAborted).ConfigureAwait(false);
            }
            catch (JsonException malformed)
            {
                return Problem.Malformed($"The body is no batch of the request log: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine}.").ToResult();
            }

            if (batch is null || batch.Entries.Any(e => e is null))
            {
                return Problem.Malformed("The body is no batch of the request log: it, or one of its entries, is null.").ToResult();
            }

            var errors = LogBatchCheck.Check(batch);
            return errors.Any
                ? Problem.Invalid(errors.All).ToResult()
                : Results.Json(await store.StoreAsync(batch, context.RequestAborted).ConfigureAwait(false), ContractsJson.Default.RequestLogAck);
        });
}
