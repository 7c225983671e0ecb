using System.Globalization;
using System.Text;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Catalogue;

/// <summary>The arguments of a tool that its schema wants repeated in headers (<c>x-mcp-header</c>, since 2026-07-28).</summary>
internal static class ToolHeaders
{
    private const long MaxSafeInteger = 9_007_199_254_740_991;

    /// <summary>Reads them.</summary>
    /// <param name="definition">The tool's definition.</param>
    /// <param name="headers">The headers, when the definition is in order.</param>
    /// <returns>Null, or what is wrong: such a tool must not be used over HTTP.</returns>
    public static string? Of(ReadOnlyMemory<byte> definition, out List<ToolHeader> headers)
    {
        headers = [];
        if (definition.Span.IndexOf("x-mcp-header"u8) < 0 || !JsonBytes.TryGet(definition, "inputSchema"u8, out ReadOnlyMemory<byte> schema))
        {
            return null;
        }

        if (Walk(schema, [], isReachable: true, headers) is { } problem)
        {
            return problem;
        }

        return headers.GroupBy(h => h.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice ? $"x-mcp-header '{twice.Key}' is there twice" : null;
    }

    private static string? Walk(ReadOnlyMemory<byte> schema, string[] path, bool isReachable, List<ToolHeader> headers)
    {
        foreach (var (name, value) in JsonBytes.Members(schema))
        {
            var problem = name switch
            {
                "x-mcp-header" => Take(schema, value, path, isReachable, headers),
                "properties" => Properties(value, path, isReachable, headers),

                // Data, not schemas.
                "default" or "const" or "enum" or "examples" => null,
                _ => Elsewhere(value, headers),
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Properties(ReadOnlyMemory<byte> properties, string[] path, bool isReachable, List<ToolHeader> headers)
    {
        foreach (var (name, schema) in JsonBytes.Members(properties))
        {
            if (Walk(schema, [.. path, name], isReachable, headers) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Elsewhere(ReadOnlyMemory<byte> value, List<ToolHeader> headers)
    {
        if (value.Span.IndexOf("x-mcp-header"u8) < 0)
        {
            return null;
        }

        foreach (var part in JsonBytes.IsList(value.Span) ? JsonBytes.Elements(value) : [value])
        {
            if (Walk(part, [], isReachable: false, headers) is { } problem)
            {
                return problem;
            }
        }

        // A map of schemas by name, such as $defs.
        foreach (var (_, schema) in JsonBytes.Members(value))
        {
            if (JsonBytes.IsObject(schema.Span) && Walk(schema, [], isReachable: false, headers) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Take(ReadOnlyMemory<byte> schema, ReadOnlyMemory<byte> value, string[] path, bool isReachable, List<ToolHeader> headers)
    {
        if (!JsonBytes.TryString(value.Span, out var name) || name.Length == 0 || !name.All(IsTokenChar))
        {
            return "x-mcp-header is not the name of a header";
        }

        if (!isReachable || path.Length == 0)
        {
            return $"x-mcp-header '{name}' is at a place that not every call has";
        }

        if (!JsonBytes.TryGetString(schema.Span, "type"u8, out var type) || type is not ("string" or "integer" or "boolean"))
        {
            return $"x-mcp-header '{name}' is at a parameter that is neither text, whole number nor boolean";
        }

        headers.Add(new ToolHeader(name, path));
        return null;
    }

    private static bool IsTokenChar(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal);

    /// <summary>A value as text; null for what has none.</summary>
    internal static string? TextOf(ReadOnlySpan<byte> raw)
    {
        if (JsonBytes.TryString(raw, out var text))
        {
            return text;
        }

        if (raw.SequenceEqual("true"u8) || raw.SequenceEqual("false"u8))
        {
            return Encoding.ASCII.GetString(raw);
        }

        return decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && Math.Abs(number) <= MaxSafeInteger
            ? decimal.Truncate(number).ToString("0", CultureInfo.InvariantCulture)
            : null;
    }
}

/// <summary>An argument that is repeated in a header.</summary>
/// <param name="Name">The header's name after <c>Mcp-Param-</c>.</param>
/// <param name="Path">The members that lead to the argument.</param>
internal sealed record ToolHeader(string Name, string[] Path)
{
    /// <summary>The value in these arguments; null when there is none.</summary>
    public string? ValueIn(ReadOnlyMemory<byte> arguments)
    {
        foreach (var step in Path)
        {
            if (!JsonBytes.TryGet(arguments, Encoding.UTF8.GetBytes(step), out ReadOnlyMemory<byte> next))
            {
                return null;
            }

            arguments = next;
        }

        return ToolHeaders.TextOf(arguments.Span);
    }
}
