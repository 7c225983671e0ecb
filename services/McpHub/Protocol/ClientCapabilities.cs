using System.Text;

namespace Gateway.McpHub.Protocol;

/// <summary>What clients say they can do.</summary>
internal static class ClientCapabilities
{
    /// <summary>Everything that the hub relays, for sessions that it opens itself: servers then show all their tools.</summary>
    public static readonly ReadOnlyMemory<byte> All =
        Encoding.UTF8.GetBytes("""{"roots":{"listChanged":true},"sampling":{},"elicitation":{"form":{},"url":{}}}""");

    /// <summary>What a server is told: all but what the hub does not relay.</summary>
    public static ReadOnlyMemory<byte> ForServer(ReadOnlyMemory<byte> capabilities)
        => JsonBytes.TryGet(capabilities.Span, "tasks"u8, out _) ? JsonBytes.Without(capabilities.Span, "tasks"u8) : capabilities;

    /// <summary>Whether a client can answer anything that servers ask.</summary>
    public static bool CanAnswer(ReadOnlyMemory<byte> capabilities)
        => Allow(capabilities, Methods.Sample) || Allow(capabilities, Methods.Elicit) || Allow(capabilities, Methods.ListRoots);

    /// <summary>Whether a client can answer a question of a server.</summary>
    public static bool Allow(ReadOnlyMemory<byte> capabilities, string question)
        => JsonBytes.TryGet(capabilities.Span, question switch { Methods.Sample => "sampling"u8, Methods.Elicit => "elicitation"u8, _ => "roots"u8 }, out _);
}
