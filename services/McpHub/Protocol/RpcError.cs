using System.Buffers;
using System.Text.Json;

namespace Gateway.McpHub.Protocol;

/// <summary>Errors of JSON-RPC and of the protocol.</summary>
internal static class RpcError
{
    /// <summary>Not JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>JSON, but no message.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>Parameters that do not fit; also an unknown tool, prompt or resource.</summary>
    public const int InvalidParams = -32602;

    /// <summary>The hub or a server failed.</summary>
    public const int Internal = -32603;

    /// <summary>Refusals of HTTP itself, which JSON-RPC has no code for; in use before the revision 2026-07-28.</summary>
    public const int Transport = -32000;

    /// <summary>Not in the standard; what the clients in use know.</summary>
    public const int SessionNotFound = -32001;

    /// <summary>A resource that is not there, until 2025-11-25.</summary>
    public const int ResourceNotFound = -32002;

    /// <summary>A header that does not say what the body says, since 2026-07-28.</summary>
    public const int HeaderMismatch = -32020;

    /// <summary>The client lacks a capability that the request needs, since 2026-07-28.</summary>
    public const int MissingCapability = -32021;

    /// <summary>A revision that is not served, since 2026-07-28.</summary>
    public const int UnsupportedVersion = -32022;

    /// <summary>The user has to visit an address first, in 2025-11-25.</summary>
    public const int UrlElicitationRequired = -32042;

    /// <summary>An <c>error</c> object.</summary>
    public static byte[] Object(int code, string message, ReadOnlySpan<byte> data = default)
    {
        var buffer = new ArrayBufferWriter<byte>(message.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer, ProtocolJson.Writing))
        {
            writer.WriteStartObject();
            writer.WriteNumber("code"u8, code);
            writer.WriteString("message"u8, message);
            if (!data.IsEmpty)
            {
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(data, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The code of an <c>error</c> object; 0 when it has none.</summary>
    public static int Code(ReadOnlySpan<byte> error)
        => JsonBytes.TryGet(error, "code"u8, out var raw) && System.Buffers.Text.Utf8Parser.TryParse(raw, out int code, out var used) && used == raw.Length ? code : 0;
}
