using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>Options that every command has, and how results are shown.</summary>
internal sealed class SharedOptions(Func<string, string?> environment, TextWriter output, TextWriter errors)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> _url = new("--url") { Description = "Address of the gateway; else GATEWAY_URL; else http://localhost:8080.", Recursive = true };
    private readonly Option<string?> _key = new("--key") { Description = "Admin key; else GATEWAY_ADMIN_KEY; else the file .gateway/admin.key. Options are seen by others on the machine: prefer the environment.", Recursive = true };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of a table.", Recursive = true };
    private readonly Option<string?> _reason = new("--reason") { Description = "Why, for the audit log.", Recursive = true };

    public TextWriter Output => output;

    public TextWriter Errors => errors;

    public Func<string, string?> Environment => environment;

    public void AddTo(Command root)
    {
        root.Options.Add(_url);
        root.Options.Add(_key);
        root.Options.Add(_json);
        root.Options.Add(_reason);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public AdminClient Client(ParseResult parsed)
    {
        var url = parsed.GetValue(_url) ?? environment("GATEWAY_URL") ?? "http://localhost:8080";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CliException($"'{url}' is no address: it must begin with http:// or https://.");
        }

        var file = Path.Combine(".gateway", "admin.key");
        var key = parsed.GetValue(_key) ?? environment("GATEWAY_ADMIN_KEY") ?? (File.Exists(file) ? File.ReadAllText(file).Trim() : null);
        return string.IsNullOrEmpty(key)
            ? throw new CliException($"An admin key is needed: set GATEWAY_ADMIN_KEY, give --key, or run where {file} is.")
            : new AdminClient(address, key, parsed.GetValue(_reason), errors);
    }

    /// <summary>Prints an answer: as JSON, or the chosen fields of each item as a table.</summary>
    public void Show(ParseResult parsed, JsonNode answer, IEnumerable<JsonNode?> items, params string[] fields)
    {
        if (IsJson(parsed))
        {
            output.WriteLine(answer.ToJsonString(Indented));
            return;
        }

        List<string[]> rows = [fields, .. items.Select(i => fields.Select(f => Text(i, f)).ToArray())];
        for (var row = 0; row < rows.Count; row++)
        {
            output.WriteLine(string.Join("  ", rows[row].Select((cell, column) => cell.PadRight(rows.Max(r => r[column].Length)))).TrimEnd());
        }
    }

    /// <summary>The text of a field, <c>a.b</c> for one inside another.</summary>
    public static string Text(JsonNode? item, string field)
    {
        foreach (var part in field.Split('.'))
        {
            item = (item as JsonObject)?[part];
        }

        return item switch
        {
            null => "",
            JsonValue value when value.TryGetValue<string>(out var text) => new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]),
            _ => item.ToJsonString(),
        };
    }
}
