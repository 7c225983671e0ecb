using System.Globalization;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Reconciliation.Comparison;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Governance.Reconciliation;

/// <summary>Bills of providers, and the ledger beside them.</summary>
internal static class ReconciliationEndpoints
{
    private const string Kind = "reconciliation";
    private const int MostBytes = 64 * 1024 * 1024;
    private const int MostDays = 100;
    private const int MostItems = 10_000;
    private const int MostShownRefusals = 100;
    private const int MostMappings = 200;

    public static void MapReconciliation(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/reconciliation").WithTags("Reconciliation");
        group.MapGet("/", ReportAsync)
            .WithName("getReconciliation")
            .WithSummary("The ledger beside what providers billed, by day, provider, model and credential, and why they differ.")
            .WithDescription($"`from` is the first day, `to` the first day after, as 2026-01-31 in UTC; at most {MostDays} days. `provider` limits it to one.")
            .Produces<ReconciliationReport>().Refuses(400)
            .Access(Kind, AccessAction.List);
        group.MapGet("/imports", ListAsync)
            .WithName("listBillImports")
            .WithSummary("Bills that were imported, newest first.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<BillImportPage>().Refuses(400)
            .Access(Kind, AccessAction.List);
        group.MapPost("/imports", ImportAsync)
            .WithName("importBill")
            .WithSummary("Imports a provider's bill in place of what was known of its days.")
            .WithDescription(
                $"The body is the file. `source` is one of {string.Join(", ", BillSources.Names)}; `provider` the gateway's provider; `part` tells several bills of one provider apart. `from` and `to` are the days "
                + "that it covers, by default those of its lines. `columns`, `models` and `credentials` are mappings like `model=Product,quantity=Tokens`: columns by meaning, the gateway's models by the "
                + "bill's, credentials by the bill's accounts. A bill with lines that cannot be read is refused unless `partial=true`.")
            .Accepts<string>("text/csv", "application/json", "text/plain")
            .Produces<BillImportView>(201).Refuses(400, 413)
            .Access(Kind, AccessAction.Create);
        group.MapPost("/adjust", AdjustAsync)
            .WithName("adjustToBill")
            .WithSummary("Takes differences over into the ledger: records, sums and budgets.")
            .WithDescription("`classes` is any of estimated, unpriced, price. Doing it again changes nothing.")
            .Accepts<AdjustRequest>("application/json")
            .Produces<AdjustResult>().Refuses(400, 413)
            .Access(Kind, AccessAction.Change);
    }

    /// <summary>The name of a class in answers.</summary>
    public static string Name(DifferenceClass why) => char.ToLowerInvariant(why.ToString()[0]) + why.ToString()[1..];

    private static async Task<IResult> ReportAsync(HttpContext context, Database database, ConfigStore store)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to, provider) = (Day(reader.Text("from"), "from", reader.Errors), Day(reader.Text("to"), "to", reader.Errors), reader.Text("provider"));
        reader.Close();
        CheckDays(from, to, MostDays, reader.Errors);
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var found = await database.ReadAsync(session => ReconciliationQueries.CompareAsync(session, names, from!.Value, to!.Value, provider), context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Report(from!.Value, to!.Value, found), ReconciliationJson.Default.ReconciliationReport);
    }

    private static ReconciliationReport Report(long from, long to, Reconciled found)
    {
        var items = found.Places.Select(Item).ToList();
        return new ReconciliationReport
        {
            From = Date(from),
            To = Date(to),
            LedgerNanoUsd = items.Sum(i => i.LedgerNanoUsd),
            BilledNanoUsd = items.Sum(i => i.BilledNanoUsd),
            DifferenceNanoUsd = items.Sum(i => i.DifferenceNanoUsd),
            Classes = items.SelectMany(i => i.Parts).GroupBy(p => p.Class).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(p => p.NanoUsd)),
            Items = items.Count > MostItems ? items[..MostItems] : items,
            Truncated = items.Count > MostItems,
            DaysWithoutBill = [.. found.WithoutBill.Take(MostItems).Select(d => new DayWithoutBill(Date(d.Day), d.Provider, d.NanoUsd))],
        };
    }

    private static ReconciledPlace Item(Compared compared)
    {
        var parts = compared.Explanation.Parts();
        return new ReconciledPlace
        {
            Day = Date(compared.Place.Day),
            Provider = compared.Place.Provider,
            Model = compared.Place.Model,
            Credential = compared.Place.Credential,
            Requests = compared.Ledger.Requests,
            EstimatedRequests = compared.Ledger.EstimatedRequests,
            UnpricedRequests = compared.Ledger.UnpricedRequests,
            LedgerNanoUsd = compared.Ledger.NanoUsd,
            BilledNanoUsd = compared.Billed.NanoUsd,
            DifferenceNanoUsd = compared.Explanation.NanoUsd,
            Parts = [.. parts.Select(p => new DifferencePart(Name(p.Class), p.NanoUsd, p.Unit?.Name(), p.Quantity))],
            Prices = [.. compared.Explanation.Prices().Select(p => new DifferingPrice(p.Unit.Name(), p.Ledger, p.Billed))],
        };
    }

    private static async Task<IResult> ListAsync(HttpContext context, BillStore bills, int? limit, string? after)
    {
        var errors = QueryFields.Unknown(context, "limit", "after");
        QueryFields.CheckLimit(limit, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var found = await bills.ListAsync(most + 1, after, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            new BillImportPage { Items = [.. found.Take(most).Select(i => View(i, null))], Next = found.Count > most ? found[most - 1].Id : null }, ReconciliationJson.Default.BillImportPage);
    }

    private static async Task<IResult> ImportAsync(HttpContext context, BillStore bills, ConfigStore store)
    {
        var reader = new QueryReader(context.Request.Query);
        var errors = reader.Errors;
        var source = reader.Text("source") ?? "";
        var (provider, part) = (reader.Text("provider") ?? "", reader.Text("part") ?? "");
        var options = new BillOptions { Columns = Mapping(reader, "columns"), Models = Mapping(reader, "models"), Credentials = Mapping(reader, "credentials") };
        var (from, to, partial) = (Day(reader.Text("from"), "from", errors), Day(reader.Text("to"), "to", errors), reader.Flag("partial"));
        reader.Close();
        if (!BillSources.Names.Contains(source))
        {
            errors.Add("source", $"is required: one of {string.Join(", ", BillSources.Names)}.");
        }

        if (provider.Length is 0 or > 64 || UsageText.Clean(provider) != provider)
        {
            errors.Add("provider", "is required: the id of the gateway's provider.");
        }

        if (part.Length > 64 || UsageText.Clean(part) != part)
        {
            errors.Add("part", "must have at most 64 characters.");
        }

        if (from is not null || to is not null)
        {
            CheckDays(from, to, MostDays, errors);
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (content, tooLarge) = await BodyAsync(context).ConfigureAwait(false);
        if (tooLarge is not null)
        {
            return tooLarge.ToResult();
        }

        try
        {
            var bill = BillSources.Read(source, content, options);
            if (bill.Refused.Count > 0 && !partial)
            {
                bill.Refused.Take(MostShownRefusals).ToList().ForEach(r => errors.Add($"line {r.Line}", r.Reason));
                return Problem.Invalid(errors.All).ToResult();
            }

            if (from is null && bill.Lines.Count > 0 && bill.Lines.Max(l => l.Day) - bill.Lines.Min(l => l.Day) > MostDays * UsageTime.Day)
            {
                throw new BillException($"The bill covers more than {MostDays} days: import it in parts, by from and to.");
            }

            var import = await bills.ImportAsync(provider, part, source, content, bill, from is null ? null : (from.Value, to!.Value), context.RequestAborted).ConfigureAwait(false);
            AuditTrail.Mark(context);
            return Results.Json(
                View(import, [.. bill.Refused.Take(MostShownRefusals).Select(r => new RefusedLineView(r.Line, r.Reason))]), ReconciliationJson.Default.BillImportView, statusCode: StatusCodes.Status201Created);
        }
        catch (BillException wrong)
        {
            return Problem.Malformed(wrong.Message).ToResult();
        }
    }

    private static async Task<IResult> AdjustAsync(HttpContext context, ReconciliationAdjustments adjustments)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var reader = new ObjectReader(body, "", new FieldErrors());
        var errors = reader.Errors;
        var (from, to) = (Day(reader.Text("from", required: true, 10), "from", errors), Day(reader.Text("to", required: true, 10), "to", errors));
        var (provider, reason) = (reader.Text("provider", required: true, 64), reader.Text("reason", required: true, 256));
        var names = reader.Texts("classes", 3, 20);
        reader.Close();
        CheckDays(from, to, MostDays, errors);
        var classes = AdjustableRecords.Conditions.Keys.Where(c => names.Contains(Name(c))).ToList();
        if (names.Count == 0 || classes.Count != names.Distinct().Count())
        {
            errors.Add("classes", $"must be some of {string.Join(", ", AdjustableRecords.Conditions.Keys.Select(Name))}: other differences belong to no record.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        if (await adjustments.ApplyAsync(from!.Value, to!.Value, provider!, classes, UsageText.Clean(reason!), context.RequestAborted).ConfigureAwait(false) is not { } applied)
        {
            errors.Add("from", $"and to take in more than {ReconciliationAdjustments.MostRecords} records: take fewer days.");
            return Problem.Invalid(errors.All).ToResult();
        }

        AuditTrail.Mark(context);
        return Results.Json(
            new AdjustResult { Records = applied.Values.Sum(a => a.Records), NanoUsd = applied.Values.Sum(a => a.NanoUsd), Classes = applied.ToDictionary(a => Name(a.Key), a => a.Value.NanoUsd) },
            ReconciliationJson.Default.AdjustResult);
    }

    private static async Task<(byte[] Content, Problem? Refused)> BodyAsync(HttpContext context)
    {
        var tooLarge = new Problem { Status = 413, Title = "The body is too large.", Code = "body_too_large", Detail = $"At most {MostBytes} bytes are read: split the bill by days." };
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes + 1;
        }

        if (context.Request.ContentLength > MostBytes)
        {
            return ([], tooLarge);
        }

        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted).ConfigureAwait(false);
        return content.Length > MostBytes ? ([], tooLarge) : (content.ToArray(), null);
    }

    private static Dictionary<string, string> Mapping(QueryReader reader, string name)
    {
        var mapping = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in (reader.Text(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = item.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || mapping.Count >= MostMappings || !mapping.TryAdd(item[..at].Trim(), UsageText.Clean(item[(at + 1)..].Trim())))
            {
                reader.Errors.Add(name, $"must be at most {MostMappings} items like a=b, separated by commas, each name once.");
                break;
            }
        }

        return mapping;
    }

    public static long? Day(string? text, string name, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2200)
        {
            return UsageTime.Micros(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero));
        }

        errors.Add(name, "must be a day like 2026-01-31, between 2000 and 2199.");
        return null;
    }

    public static void CheckDays(long? from, long? to, int most, FieldErrors errors)
    {
        if (!errors.Any && (from is null || to is null || to <= from || to - from > most * UsageTime.Day))
        {
            errors.Add(from is null ? "from" : "to", $"is required: from is the first day, to the first day after, at most {most} days later.");
        }
    }

    private static DateOnly Date(long micros) => DateOnly.FromDateTime(UsageTime.Instant(micros).UtcDateTime);

    public static BillImportView View(BillImport import, IReadOnlyList<RefusedLineView>? refused) => new()
    {
        Id = import.Id, Provider = import.ProviderId, Part = import.Part, Source = import.Source, Sha256 = import.Sha256, From = Date(import.FirstDay), To = Date(import.PastDay),
        Lines = import.Lines, Skipped = import.Skipped, Refused = import.Refused, NanoUsd = import.NanoUsd, Actor = import.Actor, CreatedAt = UsageTime.Instant(import.CreatedAt), RefusedLines = refused,
    };
}
