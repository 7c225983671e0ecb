using System.Text;
using Gateway.Contracts;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>Gives an answer what the client's revision of the protocol asks for and the server's did not.</summary>
internal static class Finishing
{
    /// <summary>The answer as a message.</summary>
    public static byte[] Message(ReadOnlySpan<byte> id, UpstreamReply reply, string server)
        => reply.IsResult ? RpcWriter.Result(id, reply.Json.Span)
            : RpcWriter.Error(id, reply.Fault is { } fault ? Fault(fault, server) : reply.Json.Span);

    /// <summary>What a client without sessions gets.</summary>
    public static UpstreamReply ForStateless(UpstreamReply reply, string method, HubIdentity identity)
    {
        if (reply.IsError)
        {
            // A code that the newer revision must not use.
            return RpcError.Code(reply.Json.Span) == RpcError.ResourceNotFound
                ? UpstreamReply.Error(JsonBytes.With(reply.Json.Span, "code"u8, "-32602"u8))
                : reply;
        }

        if (!reply.IsResult)
        {
            return reply;
        }

        var json = reply.Json.Span;
        byte[]? changed = null;
        if (!JsonBytes.TryGet(json, "resultType"u8, out _))
        {
            json = changed = JsonBytes.With(json, "resultType"u8, "\"complete\""u8);
        }

        if (Methods.IsCacheable(method) && !InputRequired(json))
        {
            if (!JsonBytes.TryGet(json, "ttlMs"u8, out _))
            {
                json = changed = JsonBytes.With(json, "ttlMs"u8, "0"u8);
            }

            // What one caller may see says nothing about another.
            if (!JsonBytes.TryGetString(json, "cacheScope"u8, out var scope) || scope != "private")
            {
                json = changed = JsonBytes.With(json, "cacheScope"u8, "\"private\""u8);
            }
        }

        if (Methods.IsCacheable(method) && !JsonBytes.TryGet(json, Meta.Name, out _))
        {
            changed = JsonBytes.With(json, Meta.Name, JsonBytes.With("{}"u8, Meta.ServerInfo, identity.Json));
        }

        return changed is null ? reply : UpstreamReply.Result(changed);
    }

    private static bool InputRequired(ReadOnlySpan<byte> json) => JsonBytes.TryGetString(json, "resultType"u8, out var type) && type == "input_required";

    private static byte[] Fault(UpstreamFault fault, string server)
    {
        var data = JsonBytes.With("{}"u8, "fault"u8, JsonBytes.Text(fault.Kind.ToString()));
        if (server.Length > 0)
        {
            data = JsonBytes.With(data, "server"u8, JsonBytes.Text(server));
        }

        if (!fault.IsUnprocessed)
        {
            data = JsonBytes.With(data, Encoding.UTF8.GetBytes(WireNames.McpMayHaveRunMember), "true"u8);
        }

        if (fault.ConnectAt is { } address)
        {
            data = JsonBytes.With(data, "connectAt"u8, JsonBytes.Text(address.AbsoluteUri));
        }

        return RpcError.Object(RpcError.Internal, fault.Sentence, data);
    }
}
