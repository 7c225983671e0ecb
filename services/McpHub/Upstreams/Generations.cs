using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Upstreams;

/// <summary>Which generations of the protocol a server knows: with sessions (until 2025-11-25), without (since 2026-07-28).</summary>
internal sealed class Generations
{
    private volatile Known known = new(null, null);

    /// <summary>Whether it knows that without; null while nobody asked.</summary>
    public bool? Stateless => known.Stateless;

    /// <summary>Whether it knows that with; null while nobody asked.</summary>
    public bool? Sessions => known.Sessions;

    /// <summary>Whether the program ended when it was asked for the newer generation, as some older ones do with all that comes before <c>initialize</c>.</summary>
    public bool EndsWhenAsked { get; set; }

    /// <summary>Found out about the one.</summary>
    public void NoteStateless(bool yes) => known = known with { Stateless = yes };

    /// <summary>Found out about the other; true when the server turned out to know both.</summary>
    public bool NoteSessions(bool yes)
    {
        var before = known;
        known = before with { Sessions = yes };
        return yes && before.Sessions != true && before.Stateless == true;
    }

    /// <summary>As if nothing was known.</summary>
    public void Forget() => known = new(null, null);

    /// <summary>Whether a request goes without a session: as the client speaks, where the server can; a tool that only one generation lists, in that one.</summary>
    public bool Choose(UpstreamSettings settings, UpstreamRequest request)
    {
        if (settings.Transport != UpstreamTransport.Http)
        {
            return false;
        }

        var now = known;
        var wanted = request.Tool?.Generation switch
        {
            ToolGeneration.Stateless => true,
            ToolGeneration.Sessions => false,
            _ => request.Peer.IsStateless,
        };
        return wanted ? now.Stateless != false : now.Sessions == false;
    }

    private sealed record Known(bool? Stateless, bool? Sessions);
}

/// <summary>In which generations a server lists a tool.</summary>
internal enum ToolGeneration
{
    /// <summary>In all that it knows.</summary>
    Any,

    /// <summary>Only in sessions.</summary>
    Sessions,

    /// <summary>Only without.</summary>
    Stateless,
}
