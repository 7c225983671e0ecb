using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>One registered server: its sessions, what it lists, how it does.</summary>
internal sealed partial class Upstream : IAsyncDisposable
{
    private readonly UpstreamSettings settings;
    private readonly WireFactory wires;
    private readonly SessionPool pool;
    private readonly HubIdentity identity;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly SemaphoreSlim places;
    private readonly Action<UpstreamChange> changed;
    private readonly Followers followers;
    private readonly Generations generations = new();
    private volatile Health health = new(null, null, null);

    public Upstream(UpstreamSettings settings, WireFactory wires, HubIdentity identity, Action<UpstreamChange> changed, TimeProvider time, ILogger log)
    {
        this.settings = settings;
        this.wires = wires;
        this.identity = identity;
        this.changed = changed;
        this.time = time;
        this.log = log;
        places = new SemaphoreSlim(settings.MaxConcurrent, settings.MaxConcurrent);
        pool = new SessionPool(OpenAsync, settings, time);
        Lists = new Listings(settings, this, time);
        followers = new Followers(this, time);
    }

    /// <summary>Its settings.</summary>
    public UpstreamSettings Settings => settings;

    /// <summary>What it lists.</summary>
    public Listings Lists { get; }

    /// <summary>Which generations of the protocol it knows, as far as was found out.</summary>
    public Generations Generations => generations;

    /// <summary>How it does.</summary>
    public UpstreamStatus Status
    {
        get
        {
            var session = pool.Standing.Select(s => s.Session).FirstOrDefault(s => s.Version.Length > 0);
            var now = health;
            return new UpstreamStatus
            {
                Server = settings.Id, IsHealthy = now.IsGood, Problem = now.Problem, LastHeard = now.LastHeard, Sessions = pool.Count, Starts = pool.Starts,
                Version = session?.Version, ServerInfo = session?.ServerInfo ?? default, DuplicateNames = Lists.DuplicateNames,
            };
        }
    }

    /// <summary>Sends a request; repeats it once where the server certainly did nothing, or where it does no harm.</summary>
    public async ValueTask<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        // What stays open for long takes no place.
        if (request.Method == Methods.Listen)
        {
            return await AttemptAsync(request, cancellation).ConfigureAwait(false);
        }

        var limit = request.Timeout ?? settings.Timeout;
        try
        {
            if (!places.Wait(0, CancellationToken.None) && !await places.WaitAsync(limit, cancellation).ConfigureAwait(false))
            {
                return UpstreamReply.Failed(Faults.Busy(settings.Id));
            }
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(Faults.Cancelled());
        }

        try
        {
            return await AttemptAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(Faults.Cancelled());
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>A session for a request, without sending one: to see what the server can do.</summary>
    public async ValueTask<Opened> SessionAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        try
        {
            return (await FindAsync(request, cancellation).ConfigureAwait(false)).Opened;
        }
        catch (OperationCanceledException)
        {
            return new(null, UpstreamReply.Failed(Faults.Cancelled()));
        }
    }

    /// <summary>Sends a notification to the sessions of a conversation.</summary>
    public async ValueTask NotifyAsync(string conversation, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        foreach (var (_, session) in pool.Standing.Where(s => s.Key.Conversation == conversation).ToList())
        {
            await session.NotifyAsync(method, parameters, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the streams of a conversation for what belongs to no request.</summary>
    public void OpenStreams(string conversation)
    {
        foreach (var (_, session) in pool.Standing.Where(s => s.Key.Conversation == conversation))
        {
            session.OpenStream();
        }
    }

    /// <summary>Ends what a conversation has here.</summary>
    public ValueTask EndAsync(string conversation)
    {
        followers.End(conversation);
        return pool.EndAsync(conversation);
    }

    /// <summary>Has a resource watched for a conversation, whichever way the server offers.</summary>
    public async ValueTask<UpstreamReply> WatchAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        var opened = await SessionAsync(request, cancellation).ConfigureAwait(false);
        if (opened.Session is not { } session)
        {
            return opened.Reply;
        }

        if (session.IsStateless)
        {
            return followers.Watch(request, request.Method == Methods.Subscribe);
        }

        session.OpenStream();
        return await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Looks whether the server answers, and listens for what it says unasked.</summary>
    public async ValueTask CheckAsync(CancellationToken cancellation)
    {
        await pool.SweepAsync().ConfigureAwait(false);
        if (settings.OAuth is { PerUser: true })
        {
            return;
        }

        var ask = new UpstreamRequest { Method = Methods.Ping, Parameters = JsonBytes.EmptyObject, Caller = HubCaller.Hub, Peer = HubPeer.Instance, MayRepeat = true, Timeout = TimeSpan.FromSeconds(10) };
        var opened = await SessionAsync(ask, cancellation).ConfigureAwait(false);
        if (opened.Session is not { } session)
        {
            Note(opened.Reply);
            return;
        }

        await SendAsync(session.IsStateless ? ask with { Method = Methods.Discover } : ask, cancellation).ConfigureAwait(false);
        Listen(session);
    }

    /// <summary>Has the lists asked for anew.</summary>
    public void Forget(UpstreamChangeKind kind) => Lists.Forget(kind);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        followers.Dispose();
        await pool.DisposeAsync().ConfigureAwait(false);
        wires.Dispose();
    }

    private async ValueTask<UpstreamReply> AttemptAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (key, opened) = await FindAsync(request, cancellation).ConfigureAwait(false);
            if (opened.Session is not { } session)
            {
                Note(opened.Reply);
                return opened.Reply;
            }

            var reply = await session.SendAsync(request, cancellation).ConfigureAwait(false);
            Note(reply);
            if (!session.IsAlive)
            {
                await pool.RemoveAsync(key, session).ConfigureAwait(false);
            }

            if (attempt > 0 || reply.Fault is not { } fault || !IsWorthRepeating(fault, request))
            {
                return reply;
            }

            Repeats(settings.Id, request.Method, fault.Kind);
        }
    }

    private static bool IsWorthRepeating(UpstreamFault fault, UpstreamRequest request)
        => fault.Kind == UpstreamFaultKind.SessionLost || (fault.Kind == UpstreamFaultKind.BrokenOff && (fault.IsUnprocessed || request.MayRepeat));

    private async ValueTask<(SessionKey Key, Opened Opened)> FindAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            var key = SessionKey.Of(settings, request, generations.Choose(settings, request));
            var opening = pool.GetAsync(key, request, cancellation);
            Opened opened;
            if (opening.IsCompletedSuccessfully)
            {
                opened = await opening.ConfigureAwait(false);
            }
            else
            {
                try
                {
                    opened = await opening.AsTask().WaitAsync(Limit(request), time, cancellation).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    return (key, new(null, UpstreamReply.Failed(Faults.TimedOut(settings.Id, Limit(request)) with { IsUnprocessed = true })));
                }
            }

            if (!opened.IsOtherGeneration || attempt == 2)
            {
                return (key, opened);
            }
        }
    }

    private TimeSpan Limit(UpstreamRequest request)
        => request.Timeout is { } limit && limit != Timeout.InfiniteTimeSpan ? limit : settings.Timeout;

    private async Task<Opened> OpenAsync(SessionKey key, UpstreamRequest request, CancellationToken cancellation)
    {
        var opening = new Opening(settings, wires, identity, generations, changed, time);
        var opened = await opening.OpenAsync(key, request, cancellation).ConfigureAwait(false);
        if (opened.Session is { } session && key.Identity.Length == 0 && key.Conversation is null)
        {
            Listen(session);
        }

        return opened;
    }

    private void Listen(UpstreamSession session)
    {
        if (session.IsStateless)
        {
            followers.Lists(session);
        }
        else
        {
            session.OpenStream();
        }
    }

    private void Note(UpstreamReply reply)
    {
        if (reply.Fault is { Kind: UpstreamFaultKind.Cancelled or UpstreamFaultKind.Busy })
        {
            return;
        }

        var before = health;
        health = reply.Fault is { } fault ? new(false, fault.Sentence, before.LastHeard) : new(true, null, time.GetUtcNow());
        if (reply.Fault is { Kind: UpstreamFaultKind.Unreachable })
        {
            // Who comes back may have learnt a newer revision.
            generations.Forget();
        }

        if (before.IsGood != health.IsGood && health.Problem is { } problem)
        {
            Sick(settings.Id, problem);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Method} to the MCP server {Server} is repeated once after {Fault}")]
    private partial void Repeats(string server, string method, UpstreamFaultKind fault);

    [LoggerMessage(2, LogLevel.Warning, "The MCP server {Server} does not do: {Problem}")]
    private partial void Sick(string server, string problem);

    private sealed record Health(bool? IsGood, string? Problem, DateTimeOffset? LastHeard);
}
