namespace Gateway.McpHub.Protocol;

/// <summary>The members of <c>_meta</c> that belong to the protocol. All others pass through the hub as they are.</summary>
internal static class Meta
{
    public static ReadOnlySpan<byte> Name => "_meta"u8;

    public static ReadOnlySpan<byte> Version => "io.modelcontextprotocol/protocolVersion"u8;

    public static ReadOnlySpan<byte> ClientInfo => "io.modelcontextprotocol/clientInfo"u8;

    public static ReadOnlySpan<byte> ClientCapabilities => "io.modelcontextprotocol/clientCapabilities"u8;

    public static ReadOnlySpan<byte> LogLevel => "io.modelcontextprotocol/logLevel"u8;

    public static ReadOnlySpan<byte> ServerInfo => "io.modelcontextprotocol/serverInfo"u8;

    public static ReadOnlySpan<byte> SubscriptionId => "io.modelcontextprotocol/subscriptionId"u8;

    public static ReadOnlySpan<byte> ProgressToken => "progressToken"u8;

    /// <summary>The <c>_meta</c> of parameters or of a result; <c>{}</c> when it has none.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json)
        => JsonBytes.TryGet(json, Name, out ReadOnlyMemory<byte> meta) && JsonBytes.IsObject(meta.Span) ? meta : JsonBytes.EmptyObject;

    /// <summary>Parameters with another <c>_meta</c>; without one when it would be empty.</summary>
    public static ReadOnlyMemory<byte> Put(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> meta)
        => JsonBytes.With(json.Span, Name, meta.SequenceEqual("{}"u8) ? default : meta);

    /// <summary>Parameters with one member of <c>_meta</c> set, or taken out when <paramref name="value"/> is empty.</summary>
    public static ReadOnlyMemory<byte> With(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var meta = Of(json);
        return value.IsEmpty && !JsonBytes.TryGet(meta.Span, name, out _) ? json : Put(json, JsonBytes.With(meta.Span, name, value));
    }
}
