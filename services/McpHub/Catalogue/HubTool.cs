using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Catalogue;

/// <summary>One tool as its server listed it.</summary>
internal sealed class HubTool
{
    private HubTool(string server, string name, ReadOnlyMemory<byte> definition)
    {
        Server = server;
        Name = name;
        Definition = definition;
        PublicName = ToolNames.Public(server, name);
        Hints = ToolHints.Of(definition.Span);
    }

    /// <summary>Id of the server.</summary>
    public string Server { get; }

    /// <summary>Name that the server knows it by.</summary>
    public string Name { get; }

    /// <summary>Name that callers see where tools of several servers are listed together: <c>server__tool</c>, see <see cref="ToolNames"/>.</summary>
    public string PublicName { get; }

    /// <summary>The whole JSON object of <c>tools/list</c>, byte for byte: schema, annotations, <c>_meta</c> and members that the hub does not know.</summary>
    public ReadOnlyMemory<byte> Definition { get; }

    /// <summary>What the server says about its effects. Not to be relied on for safety.</summary>
    public ToolHints Hints { get; }

    /// <summary>In which generations of the protocol the server lists it.</summary>
    public ToolGeneration Generation { get; init; }

    /// <summary>Reads a definition; null when it is not an object with a name.</summary>
    public static HubTool? Read(string server, ReadOnlyMemory<byte> definition, ToolGeneration generation = ToolGeneration.Any)
        => JsonBytes.TryGetString(definition.Span, "name"u8, out var name) && name.Length > 0 ? new HubTool(server, name, definition) { Generation = generation } : null;
}

/// <summary>What a server says about the effects of a tool; the defaults are those of the protocol.</summary>
internal readonly record struct ToolHints(bool IsReadOnly, bool IsDestructive, bool IsIdempotent, bool IsOpenWorld)
{
    /// <summary>Whether a second call with the same arguments does no harm.</summary>
    public bool MayRepeat => IsReadOnly || IsIdempotent;

    /// <summary>Reads <c>annotations</c> of a definition.</summary>
    public static ToolHints Of(ReadOnlySpan<byte> definition)
    {
        if (!JsonBytes.TryGet(definition, "annotations"u8, out var annotations))
        {
            return new(false, true, false, true);
        }

        return new(
            JsonBytes.Flag(annotations, "readOnlyHint"u8) ?? false,
            JsonBytes.Flag(annotations, "destructiveHint"u8) ?? true,
            JsonBytes.Flag(annotations, "idempotentHint"u8) ?? false,
            JsonBytes.Flag(annotations, "openWorldHint"u8) ?? true);
    }
}
