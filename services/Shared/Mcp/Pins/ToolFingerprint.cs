using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Mcp.Pins;

/// <summary>What a tool amounts to, on one server: equal exactly if nothing changed that a model or a client goes by.</summary>
public static class ToolFingerprint
{
    /// <summary>Members of a tool that count. Icons and <c>_meta</c> are not shown to models.</summary>
    public static IReadOnlyList<string> Members { get; } = ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "execution"];

    /// <summary>The fingerprint of a tool, 64 lower-case hex digits.</summary>
    /// <param name="server">The server; another address or program is another server, whatever its id.</param>
    /// <param name="definition">The tool as the server's <c>tools/list</c> has it.</param>
    public static string Of(McpServerEntry server, JsonElement definition)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Of(Identity(server), definition);
    }

    /// <summary>The same with the server's identity at hand.</summary>
    /// <param name="identity">What <see cref="Identity"/> gave.</param>
    /// <param name="definition">The tool.</param>
    public static string Of(string identity, JsonElement definition)
    {
        ArgumentNullException.ThrowIfNull(identity);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("mcp-tool-1\n"u8);
        hash.AppendData(Encoding.UTF8.GetBytes(identity));
        hash.AppendData("\n"u8);
        hash.AppendData(Canonical(definition));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Who a server is: what is called or started. 64 lower-case hex digits.</summary>
    /// <param name="server">The server.</param>
    public static string Identity(McpServerEntry server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var parts = server.Transport switch
        {
            McpTransport.Stdio => (IEnumerable<string>)[server.Stdio?.Command ?? "", .. server.Stdio?.Arguments ?? []],
            McpTransport.OpenApi => [server.Url, server.OpenApi?.DocumentUrl ?? ""],

            // The older and the newer HTTP are two ways to the same server.
            _ => [server.Url],
        };
        var kind = server.Transport is McpTransport.Http or McpTransport.Sse ? "http" : server.Transport.ToString();
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(writer =>
        {
            writer.WriteStartArray();
            writer.WriteStringValue(server.Id);
            writer.WriteStringValue(kind);
            foreach (var part in parts)
            {
                writer.WriteStringValue(part);
            }

            writer.WriteEndArray();
        })));
    }

    /// <summary>The members that count, in one form.</summary>
    /// <param name="definition">The tool.</param>
    public static byte[] Canonical(JsonElement definition) => CanonicalJson.Of(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in Sorted(definition))
        {
            if (Members.Contains(member.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(member.Name);
                CanonicalJson.Write(writer, member.Value);
            }
        }

        writer.WriteEndObject();
    });

    private static IEnumerable<JsonProperty> Sorted(JsonElement definition) =>
        definition.ValueKind == JsonValueKind.Object ? definition.EnumerateObject().OrderBy(static m => m.Name, StringComparer.Ordinal) : [];
}
