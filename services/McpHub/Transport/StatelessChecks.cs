using System.Globalization;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Transport;

/// <summary>What a request without a session must say, in its body and again in its headers.</summary>
internal static class StatelessChecks
{
    private const string VersionHeader = "MCP-Protocol-Version";

    /// <summary>Whether a message is of the generation without sessions: it says so itself, or its header names no revision with sessions.</summary>
    public static bool IsStateless(HttpContext context, RpcMessage message)
    {
        var header = context.Request.Headers[VersionHeader].ToString();
        return (header.Length > 0 && !Revisions.WithSessions.Contains(header, StringComparer.Ordinal)) || JsonBytes.TryGet(Meta.Of(message.Body).Span, Meta.Version, out _);
    }

    /// <summary>Answers what is wrong; false when nothing is.</summary>
    public static async ValueTask<bool> RefuseAsync(HttpContext context, RpcMessage message, HubCaller caller, HubScope scope, IToolCatalogue catalogue)
    {
        var (code, why, data) = Problem(context, message);
        if (code == 0 && message.Method == Methods.CallTool)
        {
            (code, why) = await ParametersAsync(context, message, caller, scope, catalogue).ConfigureAwait(false);
        }

        if (code == 0)
        {
            return false;
        }

        await context.RefuseAsync(StatusCodes.Status400BadRequest, code, why, message.Id, data).ConfigureAwait(false);
        return true;
    }

    private static (int Code, string Why, ReadOnlyMemory<byte> Data) Problem(HttpContext context, RpcMessage message)
    {
        var headers = context.Request.Headers;
        var header = headers[VersionHeader].ToString();
        var meta = Meta.Of(message.Body);
        var hasVersion = JsonBytes.TryGetString(meta.Span, Meta.Version, out var version);
        if (header.Length == 0)
        {
            return (RpcError.HeaderMismatch, $"The header {VersionHeader} is missing.", default);
        }

        if (hasVersion && header != version)
        {
            return (RpcError.HeaderMismatch, $"The header {VersionHeader} says '{Shorten(header)}', the body '{Shorten(version)}'.", default);
        }

        if (!Revisions.Stateless.Contains(header, StringComparer.Ordinal))
        {
            var data = JsonBytes.With(JsonBytes.Utf8($$"""{"supported":["{{Revisions.V2026}}"]}"""), "requested"u8, JsonBytes.Text(header));
            return (RpcError.UnsupportedVersion, $"Revision '{Shorten(header)}' is not served; served are {Revisions.V2026} and, with initialize, {string.Join(", ", Revisions.WithSessions)}.", data);
        }

        if (!hasVersion || !JsonBytes.TryGet(meta.Span, Meta.ClientCapabilities, out var capabilities) || !JsonBytes.IsObject(capabilities))
        {
            return (RpcError.InvalidParams, "The _meta of the request must have io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities.", default);
        }

        if (headers["Mcp-Method"].ToString() is var method && method != message.Method)
        {
            return (RpcError.HeaderMismatch, method.Length == 0 ? "The header Mcp-Method is missing." : $"The header Mcp-Method says '{Shorten(method)}', the body '{Shorten(message.Method)}'.", default);
        }

        if (MirroredHeaders.Name(message.Method, message.Body.Span) is { } name && MirroredHeaders.Decode(headers["Mcp-Name"].ToString()) != name)
        {
            return (RpcError.HeaderMismatch, "The header Mcp-Name is missing or does not say what the body says.", default);
        }

        return JsonBytes.TryGetString(meta.Span, Meta.LogLevel, out var level) && LogLevels.Of(level) < 0
            ? (RpcError.InvalidParams, "io.modelcontextprotocol/logLevel is no level of log messages.", default)
            : default;
    }

    private static async ValueTask<(int Code, string Why)> ParametersAsync(HttpContext context, RpcMessage message, HubCaller caller, HubScope scope, IToolCatalogue catalogue)
    {
        if (!JsonBytes.TryGetString(message.Body.Span, "name"u8, out var name)
            || await catalogue.FindAsync(caller, scope, name, context.RequestAborted).ConfigureAwait(false) is not { } found
            || ToolHeaders.Of(found.Tool.Definition, out var mirrored) is not null || mirrored.Count == 0)
        {
            return default;
        }

        var arguments = JsonBytes.TryGet(message.Body, "arguments"u8, out ReadOnlyMemory<byte> given) ? given : JsonBytes.EmptyObject;
        foreach (var header in mirrored)
        {
            var said = context.Request.Headers.TryGetValue($"Mcp-Param-{header.Name}", out var raw) ? MirroredHeaders.Decode(raw.ToString()) : null;
            var wanted = header.ValueIn(arguments);
            if (said != wanted && !(decimal.TryParse(said, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(wanted, CultureInfo.InvariantCulture, out var b) && a == b))
            {
                return (RpcError.HeaderMismatch, $"The header Mcp-Param-{header.Name} is missing or does not say what the argument says.");
            }
        }

        return default;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60];
}
