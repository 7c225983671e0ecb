using System.Globalization;
using System.Text;

namespace Gateway.McpHub.Protocol;

/// <summary>Writes messages around parts that are JSON already.</summary>
internal static class RpcWriter
{
    /// <summary>A request with an id of the hub's own.</summary>
    public static byte[] Request(long id, string method, ReadOnlySpan<byte> parameters)
    {
        Span<byte> number = stackalloc byte[20];
        id.TryFormat(number, out var length, default, CultureInfo.InvariantCulture);
        return Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, number[..length], ",\"method\":"u8, Quoted(method), ",\"params\":"u8, parameters, "}"u8);
    }

    /// <summary>A notification.</summary>
    public static byte[] Notification(string method, ReadOnlySpan<byte> parameters)
        => Join("{\"jsonrpc\":\"2.0\",\"method\":"u8, Quoted(method), ",\"params\":"u8, parameters, "}"u8, default, default);

    /// <summary>A response with a result.</summary>
    public static byte[] Result(ReadOnlySpan<byte> id, ReadOnlySpan<byte> result)
        => Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id, ",\"result\":"u8, result, "}"u8, default, default);

    /// <summary>A response with an error. The id is null where the request's could not be read.</summary>
    public static byte[] Error(ReadOnlySpan<byte> id, ReadOnlySpan<byte> error)
        => Join("{\"jsonrpc\":\"2.0\",\"id\":"u8, id.IsEmpty ? "null"u8 : id, ",\"error\":"u8, error, "}"u8, default, default);

    private static byte[] Quoted(string method)
    {
        foreach (var c in method)
        {
            if (c is < ' ' or > '~' or '"' or '\\')
            {
                return JsonBytes.Text(method);
            }
        }

        var quoted = new byte[method.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        Encoding.ASCII.GetBytes(method, quoted.AsSpan(1));
        return quoted;
    }

    private static byte[] Join(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, ReadOnlySpan<byte> e, ReadOnlySpan<byte> f, ReadOnlySpan<byte> g)
    {
        var whole = new byte[a.Length + b.Length + c.Length + d.Length + e.Length + f.Length + g.Length];
        var rest = whole.AsSpan();
        Put(a, ref rest);
        Put(b, ref rest);
        Put(c, ref rest);
        Put(d, ref rest);
        Put(e, ref rest);
        Put(f, ref rest);
        Put(g, ref rest);
        return whole;
    }

    private static void Put(ReadOnlySpan<byte> part, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }
}
