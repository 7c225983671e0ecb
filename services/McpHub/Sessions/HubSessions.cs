using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Sessions;

/// <summary>All sessions by id; tells them of changes, and ends those that nobody uses any more.</summary>
internal sealed partial class HubSessions : BackgroundService
{
    private readonly ConcurrentDictionary<string, HubSession> sessions = new(StringComparer.Ordinal);
    private readonly HubOptions options;
    private readonly UpstreamDirectory directory;
    private readonly IToolGate gate;
    private readonly TimeProvider time;
    private readonly ILogger<HubSessions> log;

    public HubSessions(HubOptions options, UpstreamDirectory directory, IToolGate gate, IMeterFactory meters, TimeProvider time, ILogger<HubSessions> log)
    {
        this.options = options;
        this.directory = directory;
        this.gate = gate;
        this.time = time;
        this.log = log;
        meters.Create("Gateway.McpHub").CreateObservableGauge("gateway.mcp.sessions", () => sessions.Count, "{session}", "Open MCP sessions.");
        directory.Changed += OnChanged;
        gate.Changed += OnGateChanged;
    }

    /// <summary>Begins a session.</summary>
    public async ValueTask<HubSession> CreateAsync(HubCaller caller, HubScope scope, bool isOldHttp)
    {
        if (sessions.Count >= options.Max && sessions.Values.MaxBy(s => s.Idle) is { } idlest)
        {
            await EndAsync(idlest).ConfigureAwait(false);
            Crowded(options.Max);
        }

        // 128 random bits, so that an id cannot be guessed.
        var session = new HubSession(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), caller, scope, isOldHttp, time);
        sessions[session.Id] = session;
        return session;
    }

    /// <summary>Finds a session of this caller at this address; another's is as unknown as one that never was.</summary>
    public bool TryGet(string id, HubCaller caller, HubScope scope, [NotNullWhen(true)] out HubSession? session)
        => sessions.TryGetValue(id, out session) && session.Scope == scope && string.Equals(session.Caller.Identity, caller.Identity, StringComparison.Ordinal);

    /// <summary>Ends a session and what it has at servers.</summary>
    public async ValueTask EndAsync(HubSession session)
    {
        if (sessions.TryRemove(session.Id, out _))
        {
            session.Dispose();
            await directory.EndConversationAsync(session.Id).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        directory.Changed -= OnChanged;
        gate.Changed -= OnGateChanged;
        foreach (var session in sessions.Values)
        {
            session.Dispose();
        }

        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = TimeSpan.FromTicks(Math.Clamp(options.Idle.Ticks / 4, TimeSpan.TicksPerSecond / 4, TimeSpan.TicksPerMinute));
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var session in sessions.Values.Where(s => s.Idle >= options.Idle))
            {
                try
                {
                    await EndAsync(session).ConfigureAwait(false);
                    Expired(options.Idle.TotalSeconds);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // One session's faulty end must not keep the others for ever.
                    EndFailed(e);
                }
            }
        }
    }

    private void OnGateChanged(string? server) => Tell(server, Methods.ToolsChanged);

    private void OnChanged(UpstreamChange change)
    {
        switch (change.Kind)
        {
            case UpstreamChangeKind.Tools:
                Tell(change.Server, Methods.ToolsChanged);
                break;
            case UpstreamChangeKind.Prompts:
                Tell(change.Server, Methods.PromptsChanged);
                break;
            case UpstreamChangeKind.Resources:
                Tell(change.Server, Methods.ResourcesChanged);
                break;
            default:
                foreach (var session in sessions.Values)
                {
                    if (change.Uri is { } uri && session.Watches(uri) && (change.Conversation is null || change.Conversation == session.Id))
                    {
                        session.Post(RpcWriter.Notification(Methods.ResourceUpdated, change.Parameters.Span));
                    }
                }

                break;
        }
    }

    private void Tell(string? server, string notification)
    {
        var message = RpcWriter.Notification(notification, "{}"u8);
        foreach (var session in sessions.Values)
        {
            // Nobody fetches what is posted to a session without a stream: it lists anew when it needs to.
            if (session.HasStream && (server is null || session.Scope.Kind != HubScopeKind.Server || session.Scope.Id == server))
            {
                session.Post(message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "An MCP session ended after {Seconds} s without use")]
    private partial void Expired(double seconds);

    [LoggerMessage(2, LogLevel.Warning, "An MCP session could not be ended cleanly")]
    private partial void EndFailed(Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "All {Max} MCP sessions are taken: the longest idle one was ended. Raise McpHub:MaxSessions if this happens often")]
    private partial void Crowded(int max);
}
