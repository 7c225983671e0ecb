using Gateway.Contracts;
using Gateway.Contracts.Health;
using Gateway.Edge.Journal;

namespace Gateway.Edge.Routing.Health;

/// <summary>
/// Tells governance what this edge has found out about deployments and credentials, and takes over what other edges have: at once after a change, and else every
/// few seconds. Without governance, what was told ends by its own time and the edge goes by what it sees itself.
/// </summary>
internal sealed partial class HealthExchange(
    RoutingState state, UsageJournal journal, HttpClient governance, TimeProvider time, ILogger<HealthExchange> logger, Func<Contracts.Cache.EdgeCacheReport?>? cache = null) : BackgroundService
{
    private const int MostEntries = 5_000;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    // What another edge says counts for no longer than it is likely to be renewed.
    private static readonly TimeSpan _mostTold = TimeSpan.FromSeconds(60);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lost = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var change = state.NextChange;
            var problem = await ExchangeAsync(stoppingToken).ConfigureAwait(false);
            if (problem is not null && !lost)
            {
                LogLost(problem);
            }

            lost = problem is not null;
            using var early = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var wait = Task.Delay(lost ? _afterFailure : _pause, time, early.Token);
            await Task.WhenAny(wait, lost ? wait : change).ConfigureAwait(false);
            await early.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Exchanges reports once.</summary>
    /// <returns>Null, or why it did not work.</returns>
    internal async Task<string?> ExchangeAsync(CancellationToken cancellationToken)
    {
        if (journal.EdgeId is not { Length: > 0 } edge)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        try
        {
            using var response = await governance.PostAsJsonAsync("/internal/health", Report(edge), ContractsJson.Default.HealthReport, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return $"it answered {(int)response.StatusCode}";
            }

            Apply(await response.Content.ReadFromJsonAsync(ContractsJson.Default.SharedHealth, limit.Token).ConfigureAwait(false) ?? new SharedHealth());
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return e is OperationCanceledException ? "it did not answer in time" : e.Message;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    internal HealthReport Report(string edge)
    {
        var now = time.GetUtcNow();
        return new HealthReport
        {
            EdgeId = edge,
            Cache = cache?.Invoke(),
            Deployments =
            [
                .. state.Deployments.Select(d => new DeploymentReport
                {
                    Id = d.Key,
                    RestsUntil = d.Value.RestsUntil > now ? d.Value.RestsUntil : null,
                    Reason = d.Value.RestsUntil > now ? d.Value.Reason : null,
                    LastResort = d.Value.RestsUntil > now && d.Value.IsLastResort,
                    FirstTokenMs = d.Value.FirstTokenMs,
                    InFlight = d.Value.InFlight,
                }).Where(static d => d.RestsUntil is not null || d.FirstTokenMs is not null || d.InFlight > 0).Take(MostEntries),
            ],
            Credentials =
            [
                .. state.Credentials.Where(c => c.Value.Retired is not null || c.Value.CoolsUntil > now).Take(MostEntries).Select(c => new CredentialReport
                {
                    Id = c.Key,
                    Fingerprint = c.Value.Fingerprint,
                    Retired = c.Value.Retired,
                    CoolsUntil = c.Value.CoolsUntil > now ? c.Value.CoolsUntil : null,
                }),
            ],
        };
    }

    internal void Apply(SharedHealth shared)
    {
        var latest = time.GetUtcNow() + _mostTold;
        var deployments = shared.Edges.SelectMany(static e => e.Deployments.Select(d => (e.EdgeId, Report: d))).Where(static d => d.Report.RestsUntil is not null)
            .GroupBy(static d => d.Report.Id, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.MaxBy(static d => d.Report.RestsUntil), StringComparer.Ordinal);
        foreach (var (id, health) in state.Deployments)
        {
            health.Tell(deployments.TryGetValue(id, out var told)
                ? new ToldRest(Earlier(told.Report.RestsUntil!.Value, latest), $"resting on edge {told.EdgeId}: {told.Report.Reason}", told.Report.LastResort)
                : null);
        }

        var credentials = shared.Edges.SelectMany(static e => e.Credentials.Select(c => (e.EdgeId, Report: c)))
            .GroupBy(static c => (c.Report.Id, c.Report.Fingerprint)).ToDictionary(static g => g.Key, static g => g.OrderByDescending(static c => c.Report.Retired is not null).ThenByDescending(static c => c.Report.CoolsUntil).First());
        foreach (var (id, health) in state.Credentials)
        {
            health.Tell(credentials.TryGetValue((id, health.Fingerprint), out var told)
                ? new ToldRest(
                    told.Report.Retired is not null ? latest : Earlier(told.Report.CoolsUntil ?? default, latest),
                    told.Report.Retired is { } retired ? $"its credential is retired on edge {told.EdgeId}: {retired}" : $"its credential cools after a 429 on edge {told.EdgeId}",
                    false)
                : null);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    [LoggerMessage(LogLevel.Information, "Health is not shared with other edges at present: {Problem}")]
    private partial void LogLost(string problem);
}
