using System.Text;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>The headers in which HTTP without sessions repeats parts of the body.</summary>
internal static class MirroredHeaders
{
    private const string Prefix = "=?base64?";
    private const string Suffix = "?=";

    /// <summary>The headers of a request.</summary>
    public static List<KeyValuePair<string, string>> Of(UpstreamRequest request)
    {
        List<KeyValuePair<string, string>> headers = [new("Mcp-Method", request.Method)];
        if (Name(request.Method, request.Parameters.Span) is { } name)
        {
            headers.Add(new("Mcp-Name", Encode(name)));
        }

        if (request.Tool is { } tool && ToolHeaders.Of(tool.Definition, out var mirrored) is null && mirrored.Count > 0
            && JsonBytes.TryGet(request.Parameters, "arguments"u8, out ReadOnlyMemory<byte> arguments))
        {
            foreach (var header in mirrored)
            {
                if (header.ValueIn(arguments) is { } value)
                {
                    headers.Add(new($"Mcp-Param-{header.Name}", Encode(value)));
                }
            }
        }

        return headers;
    }

    /// <summary>What <c>Mcp-Name</c> repeats; null for methods without.</summary>
    public static string? Name(string method, ReadOnlySpan<byte> parameters) => method switch
    {
        Methods.CallTool or Methods.GetPrompt => JsonBytes.TryGetString(parameters, "name"u8, out var name) ? name : null,
        Methods.ReadResource => JsonBytes.TryGetString(parameters, "uri"u8, out var uri) ? uri : null,
        _ => null,
    };

    /// <summary>A value as a header may hold it.</summary>
    public static string Encode(string value)
    {
        var isPlain = value.Length > 0 && value[0] is not (' ' or '\t') && value[^1] is not (' ' or '\t')
            && value.All(c => c is '\t' or (>= ' ' and <= '~'))
            && !(value.StartsWith(Prefix, StringComparison.Ordinal) && value.EndsWith(Suffix, StringComparison.Ordinal));
        return isPlain ? value : $"{Prefix}{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}{Suffix}";
    }

    /// <summary>What a header says; null when it is malformed.</summary>
    public static string? Decode(string header)
    {
        if (!header.StartsWith(Prefix, StringComparison.Ordinal) || !header.EndsWith(Suffix, StringComparison.Ordinal) || header.Length < Prefix.Length + Suffix.Length)
        {
            return header;
        }

        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header[Prefix.Length..^Suffix.Length], bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
