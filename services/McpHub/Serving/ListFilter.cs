using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>Takes out of a server's list what a caller may not see; all else of the result stays.</summary>
internal static class ListFilter
{
    /// <summary>The result without the elements that do not pass.</summary>
    public static UpstreamReply Apply(UpstreamReply reply, ReadOnlySpan<byte> member, Func<ReadOnlyMemory<byte>, bool> passes)
    {
        if (!reply.IsResult || !JsonBytes.TryGet(reply.Json, member, out ReadOnlyMemory<byte> list))
        {
            return reply;
        }

        var all = JsonBytes.Elements(list);
        var kept = all.Where(passes).ToList();
        if (kept.Count == all.Count)
        {
            return reply;
        }

        var whole = ListWriter.Write("x", kept);
        JsonBytes.TryGet(whole, "x"u8, out ReadOnlySpan<byte> rest);
        return UpstreamReply.Result(JsonBytes.With(reply.Json.Span, member, rest));
    }
}
