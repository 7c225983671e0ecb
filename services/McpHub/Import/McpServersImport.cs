using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.McpHub.Import;

/// <summary>Reads the <c>mcpServers</c> JSON that desktop clients and editors keep, as entries to register.</summary>
public static class McpServersImport
{
    private const int MaxServers = 500;

    /// <summary>Reads a document: an object with <c>mcpServers</c> (or <c>servers</c>, or <c>mcp.servers</c>), or the inner object itself.</summary>
    /// <param name="json">The document. Comments and trailing commas are allowed.</param>
    /// <returns>The entries, in order, and what could not be taken over, each with its reason. Variables and headers, which may hold secrets, are beside the entry and not in it.</returns>
    public static ImportResult Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(Servers(document.RootElement)) : new([], ["The document is no JSON object."]);
        }
        catch (JsonException e)
        {
            return new([], [$"The document is not JSON (line {e.LineNumber + 1})."]);
        }
    }

    private static JsonElement Servers(JsonElement root)
        => root.TryGetProperty("mcpServers", out var found) ? found
            : root.TryGetProperty("mcp", out var mcp) && mcp.ValueKind == JsonValueKind.Object && mcp.TryGetProperty("servers", out found) ? found
            : root.TryGetProperty("servers", out found) ? found : root;

    private static ImportResult Read(JsonElement servers)
    {
        List<ImportedServer> taken = [];
        List<string> problems = [];
        if (servers.ValueKind != JsonValueKind.Object)
        {
            return new([], ["mcpServers is no JSON object."]);
        }

        foreach (var server in servers.EnumerateObject().Take(MaxServers))
        {
            if (IdOf(server.Name) is not { } id)
            {
                problems.Add($"'{server.Name}': no id can be made of this name.");
            }
            else if (taken.Any(t => t.Entry.Id == id))
            {
                problems.Add($"'{server.Name}': another server has the id '{id}'.");
            }
            else if (server.Value.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"'{server.Name}': it is no JSON object.");
            }
            else if (Text(server.Value, "command") is { Length: > 0 } command)
            {
                taken.Add(Program(id, server.Name, command, server.Value));
            }
            else if ((Text(server.Value, "url") ?? Text(server.Value, "serverUrl") ?? Text(server.Value, "httpUrl")) is { } url
                && Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                taken.Add(Remote(id, server.Name, url, server.Value));
            }
            else
            {
                problems.Add($"'{server.Name}': it has neither a command nor an http address.");
            }
        }

        return new(taken, problems);
    }

    private static ImportedServer Program(string id, string name, string command, JsonElement server)
    {
        var environment = Pairs(server, "env");
        return new(
            new McpServerEntry
            {
                Id = id, Name = name, Transport = McpTransport.Stdio, Enabled = !IsOff(server),
                Stdio = new McpStdioEntry { Command = command, Arguments = Texts(server, "args"), Folder = Text(server, "cwd") },
            },
            environment,
            new Dictionary<string, string>());
    }

    private static ImportedServer Remote(string id, string name, string url, JsonElement server)
    {
        var isSse = Text(server, "type") is "sse" || Text(server, "transport") is "sse";
        return new(
            new McpServerEntry { Id = id, Name = name, Transport = isSse ? McpTransport.Sse : McpTransport.Http, Url = url, Enabled = !IsOff(server) },
            new Dictionary<string, string>(),
            Pairs(server, "headers"));
    }

    private static bool IsOff(JsonElement server) => server.TryGetProperty("disabled", out var off) && off.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement server, string member) => server.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<string> Texts(JsonElement server, string member)
        => server.TryGetProperty(member, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)] : [];

    private static Dictionary<string, string> Pairs(JsonElement server, string member)
        => server.TryGetProperty(member, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Value.ToString(), StringComparer.Ordinal)
            : [];

    // Ids hold lower-case letters, digits, - and single _, with a letter or digit at both ends.
    private static string? IdOf(string name)
    {
        var id = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' ? c : '-'));
        while (id.Contains("__", StringComparison.Ordinal))
        {
            id = id.Replace("__", "_", StringComparison.Ordinal);
        }

        id = id.Trim('-', '_');
        id = id.Length <= 32 ? id : id[..32].TrimEnd('-', '_');
        return id.Length == 0 ? null : id;
    }
}

/// <summary>What came of an import.</summary>
/// <param name="Servers">The servers to register.</param>
/// <param name="Problems">What could not be taken over, and why.</param>
public sealed record ImportResult(IReadOnlyList<ImportedServer> Servers, IReadOnlyList<string> Problems);

/// <summary>A server of an import.</summary>
/// <param name="Entry">The entry, without environment and headers.</param>
/// <param name="Environment">Variables of its program; values may be secrets, to be kept as credentials.</param>
/// <param name="Headers">Headers of its requests; values may be secrets, to be kept as credentials.</param>
public sealed record ImportedServer(McpServerEntry Entry, IReadOnlyDictionary<string, string> Environment, IReadOnlyDictionary<string, string> Headers);
