using Gateway.Contracts.Configuration;

namespace Gateway.Mcp.Flow;

/// <summary>What a session has read so far, and which tools brought it. Safe from any thread.</summary>
public sealed class SessionFlow
{
    private string? _untrusted;
    private string? _private;

    /// <summary>The first tool that brought what somebody outside wrote; null: none did.</summary>
    public string? Untrusted => Volatile.Read(ref _untrusted);

    /// <summary>The first tool that brought what must not get out; null: none did.</summary>
    public string? Private => Volatile.Read(ref _private);

    /// <summary>Notes that the session has the result of a tool.</summary>
    /// <param name="tool">The tool, <c>server/tool</c>.</param>
    /// <param name="labels">Its labels.</param>
    public void Read(string tool, IReadOnlyList<McpLabel> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Contains(McpLabel.Untrusted))
        {
            Interlocked.CompareExchange(ref _untrusted, tool, null);
        }

        if (labels.Contains(McpLabel.Private))
        {
            Interlocked.CompareExchange(ref _private, tool, null);
        }
    }

    /// <summary>Why a call would carry out what must not get out, or do outside what somebody outside may have asked for; null when it would not.</summary>
    /// <param name="tool">The tool, <c>server/tool</c>.</param>
    /// <param name="labels">Its labels.</param>
    public string? Conflict(string tool, IReadOnlyList<McpLabel> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (!labels.Contains(McpLabel.External))
        {
            return null;
        }

        return (Private, Untrusted) switch
        {
            ({ } secret, { } foreign) => $"This session has read private data by '{secret}' and untrusted data by '{foreign}', and '{tool}' writes outside.",
            ({ } secret, null) => $"This session has read private data by '{secret}', and '{tool}' writes outside.",
            (null, { } foreign) => $"This session has read untrusted data by '{foreign}', and '{tool}' writes outside.",
            _ => null,
        };
    }
}
