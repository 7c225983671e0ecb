using System.Text;
using Gateway.ApplyDocuments;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Governance.Declarative;

/// <summary>The configuration as one document.</summary>
internal static class ApplyEndpoints
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const string Yaml = "application/yaml";

    public static void MapApply(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/config").WithTags("Configuration as a document");
        group.MapPost("/apply", ApplyAsync)
            .WithName("applyConfig")
            .WithSummary("Makes the configuration what a YAML or JSON document says, in one change or not at all.")
            .WithDescription(
                "`dryRun=true` writes nothing and tells what would change. `prune=true` deletes entries that the document's owner applied before and that it no longer names, of the kinds it has "
                + "sections for. `takeOver=true` also changes entries of other owners. All errors come at once, with lines. With `If-Match` only if nothing changed since the export of that ETag.")
            .Accepts<ApplyDocument>("application/json", Yaml)
            .Produces<ApplyReport>().Refuses(400, 412, 413, 415).NotAudited()
            .Access(AccessRules.Whole, AccessAction.Change);
        group.MapImport();
        group.MapGet("/export", ExportAsync)
            .WithName("exportConfig")
            .WithSummary("The stored configuration as a document that changes nothing when it is applied. Without secrets.")
            .WithDescription("`format` is `yaml` (default) or `json`; `owner` gives only what that owner applied; `sections` are plural names, separated by commas.")
            .Produces<ApplyDocument>(200, "application/json", Yaml).Refuses(400)
            .AuditedAs("config.export")
            .Access(AccessRules.Whole, AccessAction.Read);
    }

    private static async Task<IResult> ApplyAsync(HttpContext context, ApplyService service, bool? dryRun, bool? prune, bool? takeOver)
    {
        var errors = QueryFields.Unknown(context, "dryRun", "prune", "takeOver");
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (text, refused) = await TextAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var document = YamlDocument.Read(text!);
        if (document.Problems.Count > 0)
        {
            return Problem.Invalid([.. document.Problems.Select(p => new FieldError(p.Path, p.Message) { Line = p.Line })]).ToResult();
        }

        var (report, tag, problem) = await service.ApplyAsync(
            document, new ApplyOptions(dryRun ?? false, prune ?? false, takeOver ?? false), EntityTag.From(context.Request), context.RequestAborted).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem.ToResult();
        }

        context.Response.Headers.ETag = EntityTag.Of(tag);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(report, ApplyJson.Default.ApplyReport);
    }

    private static async Task<IResult> ExportAsync(HttpContext context, ApplyService service, ResourceRegistry kinds, Database database, string? format, string? owner, string? sections)
    {
        var errors = QueryFields.Unknown(context, "format", "owner", "sections");
        string[] named = (sections ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (format is not (null or "yaml" or "json"))
        {
            errors.Add("format", "must be yaml or json.");
        }

        foreach (var unknown in named.Where(s => kinds.FindPlural(s) is null))
        {
            errors.Add("sections", $"'{unknown}' is unknown. Legal values: {string.Join(", ", kinds.All.Select(k => k.Plural))}.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (document, tag) = await service.ExportAsync(owner, named, database, context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.ETag = EntityTag.Of(tag);
        return format == "json" ? ResourceEndpoints.Text(document, 200) : Results.Text(YamlText.Write(document), Yaml);
    }

    /// <summary>The body as text.</summary>
    public static async Task<(string? Text, Problem? Refused)> TextAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostBytes;
        }

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        try
        {
            return (new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problem.Malformed("The document is not UTF-8."));
        }
    }
}
