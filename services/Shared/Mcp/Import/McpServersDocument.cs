using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Mcp.Import;

/// <summary>A server of a client's configuration, as it is registered with the gateway.</summary>
/// <param name="Server">The server.</param>
/// <param name="Secrets">Credentials that it needs, with their values; to be stored sealed.</param>
/// <param name="Notes">What could not be taken over as it was.</param>
public sealed record ImportedServer(McpServerEntry Server, IReadOnlyList<ImportedSecret> Secrets, IReadOnlyList<string> Notes)
{
    /// <summary>Never shows a secret.</summary>
    public override string ToString() => $"MCP server {Server.Id}";
}

/// <summary>A secret of a server.</summary>
/// <param name="CredentialId">The credential that holds it.</param>
/// <param name="Value">The secret.</param>
public sealed record ImportedSecret(string CredentialId, string Value)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => CredentialId;
}

/// <summary>
/// Reads the <c>mcpServers</c> document of MCP clients (and <c>servers</c>, as some call it). Secrets that stand in it in the clear become credentials; what names a variable of the
/// environment is passed on from the hub's.
/// </summary>
public static class McpServersDocument
{
    /// <summary>Most servers of one document.</summary>
    public const int Most = 200;

    private static readonly string[] _secretWords = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PWD", "CREDENTIAL", "AUTH", "AUTHORIZATION", "PAT", "DSN", "CONNECTION"];

    /// <summary>The servers of a document.</summary>
    /// <param name="document">The document, or the object under <c>mcpServers</c> itself.</param>
    /// <param name="problems">Takes what is wrong, by place.</param>
    public static IReadOnlyList<ImportedServer> Read(JsonElement document, Action<string, string> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (document.ValueKind != JsonValueKind.Object)
        {
            problems("", "must be an object with mcpServers.");
            return [];
        }

        var (place, servers) = document.TryGetProperty("mcpServers", out var own) ? ("mcpServers", own) : document.TryGetProperty("servers", out var other) ? ("servers", other) : ("", document);
        if (servers.ValueKind != JsonValueKind.Object || servers.GetPropertyCount() is 0 or > Most)
        {
            problems(place, $"must be an object of 1 to {Most} servers by name.");
            return [];
        }

        var read = new List<ImportedServer>();
        foreach (var server in servers.EnumerateObject())
        {
            var at = place.Length == 0 ? server.Name : $"{place}.{server.Name}";
            var id = IdOf(server.Name);
            if (server.Value.ValueKind != JsonValueKind.Object)
            {
                problems(at, "must be an object.");
            }
            else if (id.Length == 0 || read.Exists(r => r.Server.Id == id))
            {
                problems(at, id.Length == 0 ? "has a name without a letter or digit." : $"would have the id '{id}' like another one.");
            }
            else if (id == McpIds.Hub)
            {
                problems(at, $"would have the id '{id}', which the hub's own tools are called by: give it another name.");
            }
            else if (new Reader(id, server.Name, server.Value, at, problems).Read() is { } imported)
            {
                read.Add(imported);
            }
        }

        return read;
    }

    /// <summary>The id that a server's name becomes; empty when nothing is left of it.</summary>
    /// <param name="name">The name.</param>
    public static string IdOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var parts = new string([.. name.ToLowerInvariant().Select(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')]).Split('-', StringSplitOptions.RemoveEmptyEntries);
        var id = string.Join('-', parts);
        return id.Length <= McpIds.MostLength ? id : id[..McpIds.MostLength].TrimEnd('-');
    }

    private sealed class Reader(string id, string name, JsonElement server, string place, Action<string, string> problems)
    {
        private readonly List<ImportedSecret> _secrets = [];
        private readonly List<string> _notes = [];

        public ImportedServer? Read()
        {
            var url = Text("url") ?? Text("serverUrl") ?? Text("httpUrl");
            var command = Text("command");
            if (url is null == command is null)
            {
                problems(place, "must have either a command or a url.");
                return null;
            }

            var kind = (Text("type") ?? Text("transport") ?? "").ToLowerInvariant();
            var entry = new McpServerEntry
            {
                Id = id,
                Name = name,
                Description = Text("description") is { Length: <= 1000 } description ? description : "",
                Enabled = !(server.TryGetProperty("disabled", out var disabled) && disabled.ValueKind == JsonValueKind.True),
                Transport = command is not null ? McpTransport.Stdio : kind == "sse" ? McpTransport.Sse : McpTransport.Http,
                Url = url ?? "",
                Stdio = command is null ? null : Stdio(command),
            };
            if (url is not null)
            {
                var (headers, auth) = Headers();
                entry = entry with { Headers = headers, Auth = auth };
            }

            foreach (var ignored in (string[])["autoApprove", "alwaysAllow"])
            {
                if (server.TryGetProperty(ignored, out _))
                {
                    _notes.Add($"{ignored} was not taken over: which tools may be used is approved at the gateway.");
                }
            }

            return new ImportedServer(entry, _secrets, _notes);
        }

        private McpStdioEntry Stdio(string command)
        {
            var passed = new List<string>();
            var variables = new List<McpVariable>();
            foreach (var variable in Members("env"))
            {
                if (NamedVariable(variable.Value) is { } named)
                {
                    if (named == variable.Name)
                    {
                        passed.Add(named);
                    }
                    else
                    {
                        _notes.Add($"env.{variable.Name} takes its value from '{named}', which cannot be taken over: set it as a credential.");
                    }
                }
                else if (IsSecret(variable.Name))
                {
                    variables.Add(new McpVariable { Name = variable.Name, CredentialId = Secret(variable.Name, variable.Value) });
                }
                else
                {
                    variables.Add(new McpVariable { Name = variable.Name, Value = variable.Value });
                }
            }

            var arguments = server.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Array
                ? args.EnumerateArray().Where(static a => a.ValueKind == JsonValueKind.String).Select(static a => a.GetString() ?? "").ToList()
                : [];
            if (arguments.Exists(static a => a.Contains("${", StringComparison.Ordinal)))
            {
                _notes.Add("An argument names a variable, which is not put in: write the value, or pass it in the environment.");
            }

            return new McpStdioEntry { Command = command, Arguments = arguments, PassEnvironment = passed, Environment = variables, Folder = Text("cwd") };
        }

        private (Dictionary<string, string> Headers, McpAuthEntry? Auth) Headers()
        {
            var plain = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            McpAuthEntry? auth = null;
            foreach (var header in Members("headers"))
            {
                if (header.Value.Contains("${", StringComparison.Ordinal))
                {
                    _notes.Add($"headers.{header.Name} names a variable, which cannot be taken over: set it as a credential.");
                }
                else if (auth is null && IsSecret(header.Name))
                {
                    var space = header.Value.IndexOf(' ', StringComparison.Ordinal);
                    var scheme = space > 0 && header.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ? header.Value[..space] : "";
                    auth = new McpAuthEntry { CredentialId = Secret(header.Name, scheme.Length > 0 ? header.Value[(space + 1)..].Trim() : header.Value), Header = header.Name, Scheme = scheme };
                }
                else if (IsSecret(header.Name))
                {
                    _notes.Add($"headers.{header.Name} was left out: a server has one secret header.");
                }
                else
                {
                    plain[header.Name] = header.Value;
                }
            }

            return (plain, auth);
        }

        private string Secret(string what, string value)
        {
            var credential = $"{id}-{IdOf(what)}";
            _secrets.Add(new ImportedSecret(credential, value));
            return credential;
        }

        private IEnumerable<(string Name, string Value)> Members(string member) =>
            server.TryGetProperty(member, out var values) && values.ValueKind == JsonValueKind.Object
                ? values.EnumerateObject().Where(static v => v.Value.ValueKind == JsonValueKind.String).Select(static v => (v.Name, v.Value.GetString() ?? ""))
                : [];

        private string? Text(string member) => server.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

        private static string? NamedVariable(string value)
        {
            if (!value.StartsWith("${", StringComparison.Ordinal) || !value.EndsWith('}'))
            {
                return null;
            }

            var inner = value[2..^1];
            return inner.StartsWith("env:", StringComparison.Ordinal) ? inner[4..] : inner;
        }
    }

    private static bool IsSecret(string name) => name.ToUpperInvariant().Split('_', '-').Any(p => _secretWords.Any(w => p == w || (w.Length > 3 && p.EndsWith(w, StringComparison.Ordinal)) || p == "API" + w));
}
