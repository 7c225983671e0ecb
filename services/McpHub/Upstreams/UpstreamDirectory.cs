using System.Collections.Concurrent;
using Gateway.McpHub.Auth;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Upstreams.Stdio;
using Gateway.ServiceDefaults;

namespace Gateway.McpHub.Upstreams;

/// <summary>All registered servers; follows the registration and looks after their health.</summary>
internal sealed partial class UpstreamDirectory : BackgroundService, IUpstreams, IAsyncDisposable
{
    /// <summary>Configuration key of the seconds between checks of a server's health. Default 30; 1 to 3,600.</summary>
    public const string HealthSecondsKey = "McpHub:HealthSeconds";

    private readonly ConcurrentDictionary<string, Upstream> servers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<HubTool>> told = new(StringComparer.Ordinal);
    private readonly Lock applying = new();
    private readonly IHubServers registration;
    private readonly IToolGate gate;
    private readonly HubIdentity identity;
    private readonly StdioHost stdio;
    private readonly UpstreamTokens tokens;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger<UpstreamDirectory> log;
    private readonly TimeSpan interval;
    private readonly ChangeBursts bursts;

    public UpstreamDirectory(
        IHubServers registration, IToolGate gate, HubIdentity identity, StdioHost stdio, UpstreamTokens tokens, IConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        this.registration = registration;
        this.gate = gate;
        this.identity = identity;
        this.stdio = stdio;
        this.tokens = tokens;
        this.time = time;
        this.loggers = loggers;
        log = loggers.CreateLogger<UpstreamDirectory>();
        interval = TimeSpan.FromSeconds(configuration.WholeNumber(HealthSecondsKey, 30, 1, 3600));
        bursts = new ChangeBursts(Tell, time);
        Apply();
        registration.Changed += Apply;
    }

    /// <inheritdoc/>
    public event Action<UpstreamChange>? Changed;

    /// <inheritdoc/>
    public IReadOnlyList<UpstreamStatus> Statuses => [.. servers.Values.Select(s => s.Status).OrderBy(s => s.Server, StringComparer.Ordinal)];

    /// <summary>Ids of all servers, in ordinal order.</summary>
    public IReadOnlyList<string> Ids => [.. servers.Keys.Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public bool Has(string server) => servers.ContainsKey(server);

    /// <inheritdoc/>
    public async ValueTask<UpstreamTools> ToolsAsync(string server, HubCaller caller, CancellationToken cancellation)
    {
        if (!servers.TryGetValue(server, out var upstream))
        {
            return UpstreamTools.Empty with { Fault = Faults.Unknown(server) };
        }

        var tools = await upstream.Lists.ToolsAsync(caller, cancellation).ConfigureAwait(false);

        // The gate knows a listing before anybody sees a tool of it.
        var key = $"{server} {(upstream.Settings.OAuth is { PerUser: true } ? caller.Identity : "")}";
        if (!told.TryGetValue(key, out var before) || !ReferenceEquals(before, tools.Tools))
        {
            gate.Listed(server, tools.Tools);
            told[key] = tools.Tools;
        }

        return tools;
    }

    /// <inheritdoc/>
    public ValueTask<UpstreamReply> SendAsync(string server, UpstreamRequest request, CancellationToken cancellation)
        => servers.TryGetValue(server, out var upstream) ? upstream.SendAsync(request, cancellation) : ValueTask.FromResult(UpstreamReply.Failed(Faults.Unknown(server)));

    /// <summary>Begins or ends watching a resource (<c>resources/subscribe</c>, <c>resources/unsubscribe</c>) for a conversation.</summary>
    public ValueTask<UpstreamReply> WatchAsync(string server, UpstreamRequest request, CancellationToken cancellation)
        => servers.TryGetValue(server, out var upstream) ? upstream.WatchAsync(request, cancellation) : ValueTask.FromResult(UpstreamReply.Failed(Faults.Unknown(server)));

    /// <summary>The session that a request would use, for what the server said of itself.</summary>
    public ValueTask<Opened> SessionAsync(string server, UpstreamRequest request, CancellationToken cancellation)
        => servers.TryGetValue(server, out var upstream) ? upstream.SessionAsync(request, cancellation) : ValueTask.FromResult(new Opened(null, UpstreamReply.Failed(Faults.Unknown(server))));

    /// <summary>Prompts, resources or templates of a server.</summary>
    public ValueTask<ListItems> ItemsAsync(string server, HubFeature kind, HubCaller caller, CancellationToken cancellation)
        => servers.TryGetValue(server, out var upstream) ? upstream.Lists.ItemsAsync(kind, caller, cancellation) : ValueTask.FromResult(new ListItems([], Faults.Unknown(server)));

    /// <summary>Sends a notification to all sessions of a conversation.</summary>
    public async ValueTask NotifyAsync(string conversation, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
    {
        foreach (var upstream in servers.Values)
        {
            await upstream.NotifyAsync(conversation, method, parameters, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the streams of a conversation for what belongs to no request.</summary>
    public void OpenStreams(string conversation)
    {
        foreach (var upstream in servers.Values)
        {
            upstream.OpenStreams(conversation);
        }
    }

    /// <summary>Ends what a conversation has at servers.</summary>
    public async ValueTask EndConversationAsync(string conversation)
    {
        foreach (var upstream in servers.Values)
        {
            await upstream.EndAsync(conversation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        registration.Changed -= Apply;
        bursts.Dispose();
        await Task.WhenAll(servers.Values.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            await Task.WhenAll(servers.Values.Select(s => CheckAsync(s, stoppingToken))).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task CheckAsync(Upstream upstream, CancellationToken cancellation)
    {
        try
        {
            await upstream.CheckAsync(cancellation).ConfigureAwait(false);
            if (upstream.Settings.OAuth is not { PerUser: true })
            {
                await ToolsAsync(upstream.Settings.Id, HubCaller.Hub, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // One server's trouble must not end the care for the others.
            CheckFailed(e, upstream.Settings.Id);
        }
        catch (OperationCanceledException)
        {
            // The hub stops.
        }
    }

    private void Apply()
    {
        List<string> changed = [];
        lock (applying)
        {
            var wanted = registration.Current.Servers;
            foreach (var (id, settings) in wanted)
            {
                if (servers.TryGetValue(id, out var there))
                {
                    if (there.Settings.Fingerprint() == settings.Fingerprint())
                    {
                        continue;
                    }

                    End(id);
                }

                servers[id] = new Upstream(settings, new WireFactory(settings, stdio, tokens, time, loggers), identity, OnServerChanged, time, log);
                changed.Add(id);
            }

            foreach (var id in servers.Keys.Where(id => !wanted.ContainsKey(id)))
            {
                End(id);
                changed.Add(id);
            }
        }

        foreach (var id in changed)
        {
            OnChanged(new UpstreamChange(id, UpstreamChangeKind.Tools));
            OnChanged(new UpstreamChange(id, UpstreamChangeKind.Prompts));
            OnChanged(new UpstreamChange(id, UpstreamChangeKind.Resources));
        }
    }

    private void End(string id)
    {
        if (servers.TryRemove(id, out var gone))
        {
            _ = EndAsync(gone);
        }

        foreach (var key in told.Keys.Where(k => k.StartsWith($"{id} ", StringComparison.Ordinal)))
        {
            told.TryRemove(key, out _);
        }
    }

    private async Task EndAsync(Upstream gone)
    {
        try
        {
            await gone.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Nobody waits for it; it must not get lost either.
            CheckFailed(e, gone.Settings.Id);
        }
    }

    private void OnChanged(UpstreamChange change)
    {
        Forget(change);
        Tell(change);
    }

    // What a server says itself: it is asked anew at once by whoever wants to know, but clients are not told without end.
    private void OnServerChanged(UpstreamChange change)
    {
        Forget(change);
        bursts.Note(change);
    }

    private void Forget(UpstreamChange change)
    {
        if (servers.TryGetValue(change.Server, out var upstream))
        {
            upstream.Forget(change.Kind);
        }
    }

    private void Tell(UpstreamChange change) => Changed?.Invoke(change);

    [LoggerMessage(1, LogLevel.Error, "Looking after the MCP server {Server} failed")]
    private partial void CheckFailed(Exception exception, string server);
}
