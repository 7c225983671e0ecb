using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.ApplyDocuments;
using Gateway.ApplyDocuments.Import;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;

namespace Gateway.Governance.Declarative;

/// <summary>Takes over another gateway's configuration.</summary>
internal static partial class ImportEndpoint
{
    private const int MostValues = 200;

    private static readonly Dictionary<string, Func<JsonObject, ImportResult>> Formats = new(StringComparer.Ordinal) { ["litellm"] = LiteLlmImport.Read, ["bifrost"] = BifrostImport.Read };

    public static void MapImport(this RouteGroupBuilder group) => group.MapPost("/import", ImportAsync)
        .WithName("importConfig")
        .WithSummary("Takes over the configuration file of LiteLLM or Bifrost, in one change or not at all, and tells what could not be carried over.")
        .WithDescription(
            $"`format` is one of {string.Join(", ", Formats.Keys)}; the body is the file. `dryRun=true` writes nothing and tells what would change; `takeOver=true` also changes entries of other owners. "
            + "Secrets that the file takes from the environment become references to governance's environment. Where anything else comes from there, `set=NAME=value` gives it, repeated for each.")
        .Accepts<string>("application/yaml", "application/json")
        .Produces<ImportReport>().Refuses(400, 413, 415).NotAudited()
        .Access(AccessRules.Whole, AccessAction.Change);

    private static async Task<IResult> ImportAsync(HttpContext context, ApplyService service, string? format, bool? dryRun, bool? takeOver)
    {
        var errors = QueryFields.Unknown(context, "format", "dryRun", "takeOver", "set");
        if (format is null || !Formats.TryGetValue(format, out var read))
        {
            errors.Add("format", $"is required: one of {string.Join(", ", Formats.Keys)}.");
            read = null;
        }

        var values = Values(context, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (text, refused) = await ApplyEndpoints.TextAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var source = YamlDocument.Read(text!);
        if (source.Problems.Count > 0 || source.Root is null)
        {
            return Problem.Invalid([.. source.Problems.Select(p => new FieldError(p.Path, p.Message) { Line = p.Line })]).ToResult();
        }

        var imported = read!(source.Root);
        ReferToEnvironment(imported.Document);
        Fill(imported.Document, "", values, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var (report, _, problem) = await service.ApplyAsync(
            YamlDocument.Read(YamlText.Write(imported.Document)), new ApplyOptions(dryRun ?? false, Prune: false, takeOver ?? false), EntityTag.From(context.Request), context.RequestAborted).ConfigureAwait(false);
        if (problem is not null)
        {
            // Lines would be those of the document that was made, which nobody has.
            return (problem with { Errors = problem.Errors is null ? null : [.. problem.Errors.Select(e => e with { Line = null })] }).ToResult();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new ImportReport { Format = format!, Applied = report!, Notes = [.. imported.Notes.Select(n => new ImportNoteView(n.Path, n.Reason))] }, ApplyJson.Default.ImportReport);
    }

    private static Dictionary<string, string> Values(HttpContext context, FieldErrors errors)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in context.Request.Query["set"])
        {
            var at = item?.IndexOf('=', StringComparison.Ordinal) ?? -1;
            if (at <= 0 || values.Count >= MostValues || !values.TryAdd(item![..at], item[(at + 1)..]))
            {
                errors.Add("set", $"must be NAME=value, each name once, at most {MostValues} of them.");
                break;
            }
        }

        return values;
    }

    // A secret that the file took from the environment: it stays there, and is read by governance.
    private static void ReferToEnvironment(JsonObject document)
    {
        foreach (var (_, node) in document["credentials"] as JsonObject ?? [])
        {
            if (node is JsonObject credential && ImportedText(credential["secret"]) is { } secret && Alone().Match(secret) is { Success: true } match)
            {
                credential.Remove("secret");
                credential["secretRef"] = new JsonObject { ["kind"] = "env", ["name"] = match.Groups["name"].Value };
            }
        }
    }

    private static void Fill(JsonNode node, string path, Dictionary<string, string> values, FieldErrors errors)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    var at = path.Length == 0 ? name : $"{path}.{name}";
                    if (ImportedText(value) is { } text)
                    {
                        members[name] = Filled(text, at, values, errors);
                    }
                    else if (value is not null)
                    {
                        Fill(value, at, values, errors);
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (ImportedText(items[i]) is { } text)
                    {
                        items[i] = Filled(text, $"{path}[{i}]", values, errors);
                    }
                    else if (items[i] is { } item)
                    {
                        Fill(item, $"{path}[{i}]", values, errors);
                    }
                }

                break;
            default:
                break;
        }
    }

    private static string Filled(string text, string path, Dictionary<string, string> values, FieldErrors errors) => Reference().Replace(text, match =>
    {
        if (match.Groups["plain"].Success)
        {
            return "${";
        }

        var name = match.Groups["name"].Value;
        if (values.TryGetValue(name, out var value))
        {
            return value;
        }

        errors.Add(path, $"comes from the variable {name}, which only secrets are taken from here: give it by set={name}=value.");
        return "";
    });

    private static string? ImportedText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    [GeneratedRegex(@"^\$\{(?<name>[A-Za-z0-9_]+)\}$")]
    private static partial Regex Alone();

    [GeneratedRegex(@"(?<plain>\$\$\{)|\$\{(?<name>[A-Za-z0-9_]+)\}")]
    private static partial Regex Reference();
}

/// <summary>What an import changed, or would change.</summary>
public sealed record ImportReport
{
    /// <summary>Whose file it was.</summary>
    public required string Format { get; init; }

    /// <summary>What was written.</summary>
    public required ApplyReport Applied { get; init; }

    /// <summary>What could not be carried over, or not as it was.</summary>
    public required IReadOnlyList<ImportNoteView> Notes { get; init; }
}

/// <summary>Something of the other gateway's file that could not be carried over, or not as it was.</summary>
/// <param name="Path">Where it is in that file.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record ImportNoteView(string Path, string Reason);
