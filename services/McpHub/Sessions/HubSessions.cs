using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Gateway.McpHub.Catalogue;
using Gateway.ServiceDefaults;
using ModelContextProtocol.Server;

namespace Gateway.McpHub.Sessions;

/// <summary>All sessions by id; ends those that nobody uses any more.</summary>
internal sealed partial class HubSessions : BackgroundService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, HubSession> sessions = new(StringComparer.Ordinal);
    private readonly HubOptions options;
    private readonly McpServerOptions serverOptions;
    private readonly ILoggerFactory loggers;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly ILogger<HubSessions> log;

    public HubSessions(
        HubOptions options, ServiceIdentity identity, IMeterFactory meters, ILoggerFactory loggers, IServiceProvider services, TimeProvider time)
    {
        this.options = options;
        this.loggers = loggers;
        this.services = services;
        this.time = time;
        log = loggers.CreateLogger<HubSessions>();
        serverOptions = HubServerOptions.Create(identity);
        meters.Create("Gateway.McpHub").CreateObservableGauge("gateway.mcp.sessions", () => sessions.Count, "{session}", "Open MCP sessions.");
    }

    public async Task<HubSession> CreateAsync(string owner)
    {
        await MakeRoomAsync();
        var id = NewId();
        var transport = new StreamableHttpServerTransport(loggers) { SessionId = id };
        var session = new HubSession(id, owner, transport, McpServer.Create(transport, serverOptions, loggers, services), time);
        sessions[id] = session;
        return session;
    }

    /// <summary>Finds a session of this owner; another's is as unknown as one that never was.</summary>
    public bool TryGet(string id, string owner, [NotNullWhen(true)] out HubSession? session)
        => sessions.TryGetValue(id, out session) && string.Equals(session.Owner, owner, StringComparison.Ordinal);

    public async Task EndAsync(HubSession session)
    {
        sessions.TryRemove(session.Id, out _);
        await session.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in sessions.Values)
        {
            await EndAsync(session);
        }

        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = TimeSpan.FromTicks(Math.Clamp(options.Idle.Ticks / 4, TimeSpan.TicksPerSecond / 4, TimeSpan.TicksPerMinute));
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var session in sessions.Values.Where(s => s.Idle >= options.Idle))
            {
                try
                {
                    await EndAsync(session);
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

    private async Task MakeRoomAsync()
    {
        if (sessions.Count >= options.Max && sessions.Values.MaxBy(s => s.Idle) is { } idlest)
        {
            await EndAsync(idlest);
            Crowded(options.Max);
        }
    }

    // 128 random bits, so that an id cannot be guessed.
    private static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    [LoggerMessage(1, LogLevel.Debug, "An MCP session ended after {Seconds} s without use")]
    private partial void Expired(double seconds);

    [LoggerMessage(2, LogLevel.Warning, "An MCP session could not be ended cleanly")]
    private partial void EndFailed(Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "All {Max} MCP sessions are taken: the longest idle one was ended. Raise McpHub:MaxSessions if this happens often")]
    private partial void Crowded(int max);
}
