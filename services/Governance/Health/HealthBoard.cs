using System.Collections.Concurrent;
using Gateway.Contracts.Health;

namespace Gateway.Governance.Health;

/// <summary>
/// What the edges have last reported of deployments and credentials. Kept in memory only: a report that is not renewed is forgotten, and an edge that hears nothing
/// relies on what it sees itself.
/// </summary>
internal sealed class HealthBoard(TimeProvider time)
{
    /// <summary>Age after which a report says nothing about now.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private const int MostEdges = 1_000;

    private readonly ConcurrentDictionary<string, (HealthReport Report, DateTimeOffset At)> _reports = new(StringComparer.Ordinal);

    public void Take(HealthReport report)
    {
        _reports[report.EdgeId] = (report, time.GetUtcNow());
        foreach (var (edge, (_, at)) in _reports)
        {
            if (time.GetUtcNow() - at > Kept)
            {
                _reports.TryRemove(edge, out _);
            }
        }

        if (_reports.Count > MostEdges)
        {
            _reports.TryRemove(_reports.MinBy(r => r.Value.At).Key, out _);
        }
    }

    /// <summary>The reports of all edges but one.</summary>
    public SharedHealth Except(string edgeId) => new() { Edges = [.. Fresh.Where(r => r.EdgeId != edgeId)] };

    /// <summary>Reports young enough to count.</summary>
    public IEnumerable<HealthReport> Fresh => _reports.Values.Where(r => time.GetUtcNow() - r.At <= Kept).Select(r => r.Report);

    /// <summary>What is known of one deployment: of several reports the one that leaves it alone for longest.</summary>
    public DeploymentReport? Deployment(string id) => Fresh.SelectMany(r => r.Deployments).Where(d => d.Id == id).MaxBy(d => d.RestsUntil ?? DateTimeOffset.MinValue);

    /// <summary>What is known of one credential.</summary>
    public CredentialReport? Credential(string id) => Fresh.SelectMany(r => r.Credentials).Where(c => c.Id == id)
        .OrderByDescending(c => c.Retired is not null).ThenByDescending(c => c.CoolsUntil ?? DateTimeOffset.MinValue).FirstOrDefault();
}
