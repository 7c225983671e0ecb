using System.Buffers;
using System.Text.Json;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Gate;

/// <summary>
/// Takes out of a server's answer what only the hub says: members <c>gateway/…</c> of a result's <c>_meta</c> and of an error's <c>data</c>. By these the edge knows that a call was refused, or what it cost, so a
/// server that wrote them itself could keep its calls from being charged, or pass its own text off as the gateway's.
/// </summary>
internal static class OwnMembers
{
    /// <summary>The answer without them; the same bytes where there are none.</summary>
    public static UpstreamReply Without(UpstreamReply reply)
    {
        if (reply.Fault is not null)
        {
            return reply;
        }

        var name = reply.IsError ? "data"u8 : Meta.Name;
        var json = reply.Json.Span;

        // Names may be written with escapes.
        if (json.IndexOf(name) < 0 && json.IndexOf("\\u00"u8) < 0)
        {
            return reply;
        }

        return Cleaned(json, name) is not { } clean ? reply : reply.IsError ? UpstreamReply.Error(clean) : UpstreamReply.Result(clean);
    }

    /// <summary>The object with each member of that name cleaned; null when nothing had to be taken out.</summary>
    private static byte[]? Cleaned(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        if (!JsonBytes.IsObject(json))
        {
            return null;
        }

        ArrayBufferWriter<byte>? changed = null;
        var copied = 0;
        var reader = new Utf8JsonReader(json, JsonBytes.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (isIt && WithoutOwn(json[start..end]) is { } clean)
            {
                changed ??= new ArrayBufferWriter<byte>(json.Length);
                changed.Write(json[copied..start]);
                changed.Write(clean);
                copied = end;
            }
        }

        changed?.Write(json[copied..]);
        return changed?.WrittenSpan.ToArray();
    }

    private static byte[]? WithoutOwn(ReadOnlySpan<byte> members)
    {
        if (!JsonBytes.IsObject(members))
        {
            return null;
        }

        var kept = new ArrayBufferWriter<byte>(members.Length);
        kept.Write("{"u8);
        var hasOwn = false;
        var reader = new Utf8JsonReader(members, JsonBytes.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isOwn = IsOwn(ref reader);
            reader.Read();
            reader.Skip();
            hasOwn |= isOwn;
            if (!isOwn)
            {
                kept.Write(kept.WrittenCount > 1 ? ","u8 : default);
                kept.Write(members[start..(int)reader.BytesConsumed]);
            }
        }

        kept.Write("}"u8);
        return hasOwn ? kept.WrittenSpan.ToArray() : null;
    }

    private static bool IsOwn(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.StartsWith("gateway/"u8);
        }

        try
        {
            return reader.GetString()!.StartsWith("gateway/", StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: no name that anybody can mean, and none is lost.
            return true;
        }
    }
}
