using System.Globalization;
using System.Text;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>Changes the protocol's own members of <c>_meta</c> on the way to a server; all others stay.</summary>
internal static class Rewriting
{
    /// <summary>Parameters for a server.</summary>
    /// <param name="parameters">As the client gave them.</param>
    /// <param name="id">The hub's id, which stands in for the progress token.</param>
    /// <param name="stateless">What a server without sessions wants to know; null for one with.</param>
    /// <param name="progressToken">The client's own token; empty when there is none.</param>
    public static ReadOnlyMemory<byte> ToServer(ReadOnlyMemory<byte> parameters, long id, StatelessFields? stateless, out ReadOnlyMemory<byte> progressToken)
    {
        progressToken = default;
        var meta = Meta.Of(parameters);
        var hadMeta = meta.Length > 2;
        if (!hadMeta && stateless is null)
        {
            return parameters;
        }

        if (hadMeta && JsonBytes.TryGet(meta, Meta.ProgressToken, out progressToken))
        {
            meta = JsonBytes.With(meta.Span, Meta.ProgressToken, Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture)));
        }

        if (stateless is not null)
        {
            meta = JsonBytes.With(meta.Span, Meta.Version, stateless.Version);
            meta = JsonBytes.With(meta.Span, Meta.ClientInfo, stateless.ClientInfo);
            meta = JsonBytes.With(meta.Span, Meta.ClientCapabilities, stateless.Capabilities.Span);
            meta = stateless.LogLevel is null ? meta : JsonBytes.With(meta.Span, Meta.LogLevel, JsonBytes.Text(stateless.LogLevel));
        }
        else if (meta.Span.IndexOf("io.modelcontextprotocol/"u8) >= 0)
        {
            meta = JsonBytes.Without(meta.Span, Meta.Version);
            meta = JsonBytes.Without(meta.Span, Meta.ClientInfo);
            meta = JsonBytes.Without(meta.Span, Meta.ClientCapabilities);
            meta = JsonBytes.Without(meta.Span, Meta.LogLevel);
        }

        return Meta.Put(parameters, meta.Span);
    }
}

/// <summary>What every request of a revision without sessions says.</summary>
internal sealed record StatelessFields(byte[] Version, byte[] ClientInfo, ReadOnlyMemory<byte> Capabilities, string? LogLevel);
