using System.Text;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Usage.Export;

/// <summary>Streams records: a page is read, written and forgotten before the next one, so that millions of rows cost no more memory than a thousand.</summary>
internal static class UsageExport
{
    private const int PageRows = 1_000;

    private static readonly IReadOnlyList<(string Name, IUsageFormat Value)> Formats = [("csv", new CsvFormat()), ("focus", new FocusFormat()), ("jsonl", new JsonLinesFormat())];

    public static void MapUsageExport(this RouteGroupBuilder group)
        => group.MapGet("/export", ExportAsync)
            .WithName("exportUsage")
            .WithSummary("Records as a file, newest first.")
            .WithDescription("`format` is csv, focus (columns of FOCUS 1.2) or jsonl; the filters are those of the list of records; `from` is inclusive, `to` exclusive and by default now.")
            .Produces(200, null, "text/csv", "application/x-ndjson").Refuses(400)
            .Access("usage", AccessAction.List).FiltersByReach()
            .AuditedAs("usage.export");

    private static async Task<IResult> ExportAsync(HttpContext context, Database database, ConfigStore store, UsageReach reach, TimeProvider time)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();

        // An end, so that the file ends although records keep arriving.
        var filter = reader.Filter(from, to ?? time.GetUtcNow());
        var format = reader.Choice("format", [.. Formats]);
        reader.Close();
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var (own, outside) = reach.Limit(filter, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
        if (outside is not null)
        {
            return outside.ToResult();
        }

        context.Response.ContentType = format.ContentType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"usage.{format.Extension}\"";
        await WriteAsync(context.Response.Body, database, own, format, context.RequestAborted).ConfigureAwait(false);
        return Results.Empty;
    }

    /// <summary>Writes the records of a filter.</summary>
    public static async Task WriteAsync(Stream to, Database database, UsageRecordFilter filter, IUsageFormat format, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        format.Begin(text);
        RecordPlace? place = null;
        do
        {
            var (rows, next) = await UsagePartitions.ReadAsync(database, session => UsageRecordQuery.ReadAsync(session, filter, place, PageRows), cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                format.Write(text, row.ToView());
            }

            await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellation).ConfigureAwait(false);
            await to.FlushAsync(cancellation).ConfigureAwait(false);
            text.Clear();
            place = next;
        }
        while (place is not null);
    }
}
