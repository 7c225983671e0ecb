using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Governance.Api;
using Gateway.Governance.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Governance.Tests;

/// <summary>Pages that are held to the code: the reference of every entity, and the codes of refusals.</summary>
public sealed partial class ReferenceTests() : GovernanceTests(null)
{
    private const string Head =
        """
        # Reference of every entity

        The entries of the configuration as the admin API takes them: `POST /api/SEGMENT` makes one, `GET`, `PUT`, `PATCH` and `DELETE /api/SEGMENT/ID` read, replace, change and delete it. In a
        [document](admin-api.md#the-configuration-as-a-document) they stand under the section of the same name. Who may do what is in [access.md](access.md). Written by a test from the OpenAPI
        document (`GATEWAY_UPDATE_DOCS=1`); what the fields mean together is on the page of each capability.

        """;

    /// <summary>Run with GATEWAY_UPDATE_DOCS=1 to write the page anew after a change of the contracts.</summary>
    [Fact]
    public async Task The_reference_has_every_entity_with_every_field()
    {
        var instance = await StartAsync();
        var document = await DoAsync(instance.Anonymous, HttpMethod.Get, "/api/openapi.json");
        var schemas = document["components"]!["schemas"]!.AsObject();
        var page = new StringBuilder(Head);
        var types = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var kind in instance.Services.GetRequiredService<ResourceRegistry>().All.OrderBy(k => k.Plural, StringComparer.Ordinal))
        {
            var (path, operations) = document["paths"]!.AsObject().Select(p => (p.Key, Value: p.Value!.AsObject())).FirstOrDefault(p => Operation(p.Value, "post") == $"create{Capital(kind.Kind)}");
            var body = operations?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"];
            if (body is null)
            {
                // The settings are one entry, always there.
                (path, body) = ("/api/settings", document["paths"]!["/api/settings"]!["put"]!["requestBody"]!["content"]!["application/json"]!["schema"]);
            }

            page.Append("\n## ").Append(kind.Plural).Append("\n\n`").Append(path).Append("`\n\n");
            Table(page, Resolved(body!, schemas), schemas, types);
        }

        page.Append("\n## Types\n");
        for (var done = new HashSet<string>(StringComparer.Ordinal); types.FirstOrDefault(t => !done.Contains(t)) is { } type;)
        {
            done.Add(type);
            Collect(schemas[type]!.AsObject(), schemas, types);
        }

        foreach (var type in types.ToList())
        {
            var schema = schemas[type]!.AsObject();
            page.Append("\n### ").Append(type).Append("\n\n");
            if (schema["enum"] is JsonArray values)
            {
                page.AppendJoin(", ", values.Select(v => $"`{v}`")).Append(Told(schema)).Append('\n');
            }
            else
            {
                Table(page, schema, schemas, types);
            }
        }

        var file = SourceTree.PathOf("docs", "entities.md");
        var text = page.ToString().ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("GATEWAY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(file, text, Cancellation);
        }

        Assert.Equal(text, File.Exists(file) ? (await File.ReadAllTextAsync(file, Cancellation)).ReplaceLineEndings("\n") : "");
    }

    [Fact]
    public async Task The_table_of_refusals_has_every_code_and_no_other()
    {
        var root = SourceTree.PathOf();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "services", "Governance"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            var text = await File.ReadAllTextAsync(file, Cancellation);
            used.UnionWith(Codes().Matches(text).SelectMany(m => m.Groups["code"].Captures.Select(c => c.Value)));
        }

        // Stands for the end of a dry run and is never sent.
        used.Remove("dry_run");
        var page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "admin-api.md"), Cancellation);
        var table = page[page.IndexOf("## Refusals", StringComparison.Ordinal)..];
        table = table[..(table.IndexOf("\n## ", 3, StringComparison.Ordinal) is var end and > 0 ? end : table.Length)];
        var told = Rows().Matches(table).Select(m => m.Groups["code"].Value).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(used, told);
    }

    private static void Table(StringBuilder page, JsonObject schema, JsonObject schemas, SortedSet<string> types)
    {
        page.Append("| field | type | |\n|---|---|---|\n");
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            page.Append("| `").Append(name).Append('`').Append(" | ").Append(TypeOf(property!, schemas, types)).Append(" | ").Append(Told(property!)).Append(" |\n");
        }
    }

    private static void Collect(JsonObject schema, JsonObject schemas, SortedSet<string> types)
    {
        foreach (var (_, property) in schema["properties"] as JsonObject ?? [])
        {
            TypeOf(property!, schemas, types);
        }
    }

    private static string TypeOf(JsonNode property, JsonObject schemas, SortedSet<string> types)
    {
        if (property["$ref"]?.GetValue<string>() is { } reference)
        {
            var name = reference[(reference.LastIndexOf('/') + 1)..];
            types.Add(name);
            return $"[{name}](#{name.ToLowerInvariant()})";
        }

        if ((property["oneOf"] ?? property["anyOf"]) is JsonArray parts)
        {
            return string.Join(" or ", parts.Where(p => p!["type"]?.ToString() != "null").Select(p => TypeOf(p!, schemas, types)));
        }

        if (property["enum"] is JsonArray values)
        {
            return string.Join(", ", values.Select(v => $"`{v}`"));
        }

        var kinds = property["type"] is JsonArray several ? several.Select(t => t!.ToString()).Where(t => t != "null").ToList() : [property["type"]?.ToString() ?? "any"];
        return kinds switch
        {
            ["array"] => "list of " + TypeOf(property["items"]!, schemas, types),
            ["object"] when property["additionalProperties"] is JsonObject each => "map to " + TypeOf(each, schemas, types),
            [var one] => property["format"]?.ToString() is "date-time" ? "instant" : one,
            _ => string.Join(" or ", kinds),
        };
    }

    private static JsonObject Resolved(JsonNode schema, JsonObject schemas)
        => schema["$ref"]?.GetValue<string>() is { } reference ? schemas[reference[(reference.LastIndexOf('/') + 1)..]]!.AsObject() : schema.AsObject();

    private static string Told(JsonNode schema) => (schema["description"]?.GetValue<string>() ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static string? Operation(JsonObject path, string method) => path[method]?["operationId"]?.GetValue<string>();

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    [GeneratedRegex("""Code = (?:[^",;]*\? )?"(?<code>[a-z_]+)"(?: : "(?<code>[a-z_]+)")?|Refused\(context, log, .*?, "(?<code>[a-z_]+)",""")]
    private static partial Regex Codes();

    [GeneratedRegex(@"^\| [0-9]{3} \| `(?<code>[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
