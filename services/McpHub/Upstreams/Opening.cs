using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>Begins sessions: finds out which generation of the protocol a server knows, and which transport.</summary>
internal sealed class Opening(UpstreamSettings settings, WireFactory wires, HubIdentity identity, Generations generations, Action<UpstreamChange> changed, TimeProvider time)
{
    /// <summary>Begins a session.</summary>
    public async Task<Opened> OpenAsync(SessionKey key, UpstreamRequest request, CancellationToken cancellation)
    {
        if (key.IsStateless)
        {
            var stateless = await DiscoverAsync(request, cancellation).ConfigureAwait(false);
            if (stateless.Session is not null || !SaysNo(stateless.Reply))
            {
                return stateless;
            }

            // Sessions are shared by fewer, so they have another key.
            generations.NoteStateless(false);
            return new(null, stateless.Reply, IsOtherGeneration: generations.Sessions != false);
        }

        if (settings.Transport == UpstreamTransport.Stdio)
        {
            return await ProbeAsync(key, request, cancellation).ConfigureAwait(false);
        }

        var opened = await InitializeAsync(key, request, cancellation).ConfigureAwait(false);
        if (opened.Session is null && SaysNo(opened.Reply) && settings.Transport == UpstreamTransport.Http && generations.Stateless != false)
        {
            var stateless = await DiscoverAsync(request, cancellation).ConfigureAwait(false);
            if (stateless.Session is not null)
            {
                generations.NoteSessions(false);
                await stateless.Session.DisposeAsync().ConfigureAwait(false);
                return new(null, opened.Reply, IsOtherGeneration: true);
            }
        }

        return opened;
    }

    // What the server itself said, as against the way to it.
    private static bool SaysNo(UpstreamReply reply)
        => reply.IsError || reply.Fault is { Kind: UpstreamFaultKind.Refused or UpstreamFaultKind.Malformed or UpstreamFaultKind.Unsupported or UpstreamFaultKind.WrongId };

    private async Task<Opened> DiscoverAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        var (wire, fault) = await wires.MakeAsync(request.Caller, isOldHttp: false, cancellation).ConfigureAwait(false);
        if (wire is null)
        {
            return new(null, UpstreamReply.Failed(fault!));
        }

        var session = Make(wire, null);
        var reply = await session.DiscoverAsync(cancellation).ConfigureAwait(false);
        if (reply is { IsError: true } refused && RpcError.Code(refused.Json.Span) == RpcError.UnsupportedVersion && refused.Json.Span.IndexOf("\"2026-07-28\""u8) >= 0)
        {
            // It refuses a revision that it names itself: once more.
            reply = await session.DiscoverAsync(cancellation).ConfigureAwait(false);
        }

        if (reply is null)
        {
            generations.NoteStateless(true);
            return new(session, default);
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return new(null, reply.Value);
    }

    private async Task<Opened> InitializeAsync(SessionKey key, UpstreamRequest request, CancellationToken cancellation)
    {
        var opened = await InitializeAsync(key, request, isOldHttp: false, cancellation).ConfigureAwait(false);
        if (opened.Session is not null || settings.Transport != UpstreamTransport.Http || generations.Stateless == true || !SaysNo(opened.Reply))
        {
            return opened;
        }

        // A server of 2024-11-05 has another address for POST, which its stream tells.
        var old = await InitializeAsync(key, request, isOldHttp: true, cancellation).ConfigureAwait(false);
        return old.Session is null ? opened : old;
    }

    private async Task<Opened> InitializeAsync(SessionKey key, UpstreamRequest request, bool isOldHttp, CancellationToken cancellation)
    {
        var (wire, fault) = await wires.MakeAsync(request.Caller, isOldHttp, cancellation).ConfigureAwait(false);
        return wire is null ? new(null, UpstreamReply.Failed(fault!)) : await InitializeAsync(key, request, wire, cancellation).ConfigureAwait(false);
    }

    private async Task<Opened> InitializeAsync(SessionKey key, UpstreamRequest request, Wire wire, CancellationToken cancellation)
    {
        var session = Make(wire, key.Conversation is null ? null : request.Peer.Standing);
        UpstreamReply? reply;
        try
        {
            // Who shares a process cannot say beforehand what his clients can do.
            reply = await session.InitializeAsync(settings.Stdio is { PerSession: false } ? ClientCapabilities.All : request.Peer.Capabilities, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (reply is null)
        {
            if (generations.NoteSessions(true))
            {
                // What it lists in sessions is looked at now, too.
                changed(new UpstreamChange(settings.Id, UpstreamChangeKind.Tools));
            }

            // Some servers ask on this stream though the question belongs to a call.
            if (key.Conversation is not null && (request.Peer.Standing is { WantsStream: true } || ClientCapabilities.CanAnswer(request.Peer.Capabilities)))
            {
                session.OpenStream();
            }

            return new(session, default);
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return new(null, reply.Value);
    }

    // A program is asked first whether it knows the newer generation; what an older one answers does not matter.
    private async Task<Opened> ProbeAsync(SessionKey key, UpstreamRequest request, CancellationToken cancellation)
    {
        var (wire, fault) = await wires.MakeAsync(request.Caller, isOldHttp: false, cancellation).ConfigureAwait(false);
        if (wire is null)
        {
            return new(null, UpstreamReply.Failed(fault!));
        }

        if (generations is { Stateless: not false, EndsWhenAsked: false })
        {
            var session = Make(wire, key.Conversation is null ? null : request.Peer.Standing);
            UpstreamReply? reply;
            try
            {
                reply = await session.DiscoverAsync(cancellation).ConfigureAwait(false);
            }
            catch
            {
                await session.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            if (reply is null)
            {
                generations.NoteStateless(true);
                return new(session, default);
            }

            if (!wire.IsAlive)
            {
                // The next start goes without the question.
                generations.EndsWhenAsked = true;
                await session.DisposeAsync().ConfigureAwait(false);
                return new(null, reply.Value);
            }

            generations.NoteStateless(false);
        }

        var opened = await InitializeAsync(key, request, wire, cancellation).ConfigureAwait(false);
        generations.EndsWhenAsked &= opened.Session is not null;
        return opened;
    }

    private UpstreamSession Make(Wire wire, IClientPeer? standing)
    {
        var session = new UpstreamSession(wire, settings, identity, standing, changed, time);
        wire.Owner = session;
        return session;
    }
}
