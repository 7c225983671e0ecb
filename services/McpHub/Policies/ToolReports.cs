using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Mcp;
using Gateway.McpHub.CallLog;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Callers;
using Gateway.McpHub.ControlPlane;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.Policies;

/// <summary>
/// Tells governance which tools servers have: when they are first seen, when one changes, and every hour. Asks each server once a minute, so that tools are known, and can be approved, before
/// anybody wants to call one.
/// </summary>
internal sealed partial class ToolReports(IServiceProvider services, HubRuntime runtime, ToolPrints known, IServiceClients clients, TimeProvider time, ILogger<ToolReports> log) : BackgroundService
{
    private const int MostTools = 5_000;
    private const int MostDefinition = 256 * 1024;
    private static readonly TimeSpan _look = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _again = TimeSpan.FromHours(1);
    private static readonly TimeSpan _retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _answer = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, IReadOnlyList<HubTool>> _listed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Prints, long At)> _told = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _news = new(0, 1);

    /// <summary>Takes note of a listing.</summary>
    public void Listed(string server, IReadOnlyList<HubTool> tools)
    {
        _listed[server] = tools;
        Wake();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Whom the catalogue asks asks the gate, which tells this: it cannot be asked for when this is made.
        if (services.GetService<IUpstreams>() is not { } upstreams)
        {
            return;
        }

        runtime.Changed += Wake;
        var looking = LookAsync(upstreams, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var isDone = await TellAsync(stoppingToken).ConfigureAwait(false);
            await ((Task)_news.WaitAsync(isDone ? _look : _retry, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        runtime.Changed -= Wake;
        await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Wake() => Wake(_news);

    private static void Wake(SemaphoreSlim sleeping)
    {
        try
        {
            sleeping.Release();
        }
        catch (Exception fault) when (fault is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or gone.
        }
    }

    private async Task LookAsync(IUpstreams upstreams, CancellationToken stopping)
    {
        using var changed = new SemaphoreSlim(1, 1);
        void OnChange() => Wake(changed);

        runtime.Changed += OnChange;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                await changed.WaitAsync(_look, stopping).ConfigureAwait(false);
                await Task.WhenAll(runtime.Current.Servers.Keys.Select(server => AskAsync(upstreams, server, stopping))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The hub stops.
        }
        finally
        {
            runtime.Changed -= OnChange;
        }
    }

    private async Task AskAsync(IUpstreams upstreams, string server, CancellationToken stopping)
    {
        try
        {
            await upstreams.ToolsAsync(server, HubCaller.Hub, stopping).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // One server's fault must not keep the others from being asked.
            NotAsked(server, fault);
        }
    }

    // True when there is nothing left to tell.
    private async Task<bool> TellAsync(CancellationToken stopping)
    {
        var isDone = true;
        foreach (var (id, tools) in _listed)
        {
            if (runtime.Model.Server(id) is not { } server)
            {
                _listed.TryRemove(id, out _);
                _told.TryRemove(id, out _);
                continue;
            }

            var prints = string.Join('\n', tools.Select(t => known.Of(t, server)));
            if (_told.TryGetValue(id, out var told) && told.Prints == prints && time.GetElapsedTime(told.At) < _again)
            {
                continue;
            }

            if (await TrySendAsync(id, tools, stopping).ConfigureAwait(false))
            {
                _told[id] = (prints, time.GetTimestamp());
            }
            else
            {
                isDone = false;
            }
        }

        return isDone;
    }

    private async Task<bool> TrySendAsync(string server, IReadOnlyList<HubTool> tools, CancellationToken stopping)
    {
        var seen = tools.Where(static t => McpIds.IsGoodTool(t.Name) && t.Definition.Length <= MostDefinition && t.Definition.Length > 0).Take(MostTools)
            .Select(static t => new McpSeenTool { Name = t.Name, Definition = Encoding.UTF8.GetString(t.Definition.Span) }).ToList();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(_answer);
            var report = new McpToolReport { HubId = HubName.Here, Servers = [new McpServerTools { ServerId = server, Tools = seen }] };
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.McpToolReport)) { Headers = { ContentType = new("application/json") } };
            using var response = await clients.Get(WireNames.Governance).PostAsync(new Uri("/internal/mcp/tools", UriKind.Relative), content, limit.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                // The same again would be refused again.
                Refused(server);
                return true;
            }

            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The MCP server {Server} could not be asked for its tools")]
    private partial void NotAsked(string server, Exception fault);

    [LoggerMessage(2, LogLevel.Error, "Governance refused the tools of the MCP server {Server} as malformed: they stay withheld")]
    private partial void Refused(string server);
}
