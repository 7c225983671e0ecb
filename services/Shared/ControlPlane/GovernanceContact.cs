using System.Diagnostics.Metrics;

namespace Gateway.ControlPlane;

/// <summary>How a service stands with governance: what the readiness report and the metrics show, and what others wait on.</summary>
internal sealed class GovernanceContact : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private long _version;
    private long _lastContact;
    private bool _connected;
    private bool _hasSnapshot;

    /// <summary>Starts without contact.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="meter">Name of the service's meter.</param>
    /// <param name="prefix">What the names of its figures begin with.</param>
    public GovernanceContact(TimeProvider time, string meter = "Gateway.Edge", string prefix = "gateway.edge")
    {
        _time = time;
        _meter = new Meter(meter);
        _ = _meter.CreateObservableGauge(prefix + ".control.connected", () => Connected ? 1 : 0, null, "1 while governance answers");
        _ = _meter.CreateObservableGauge(prefix + ".control.snapshot_version", () => Version, null, "Version of the configuration in force");
        _ = _meter.CreateObservableGauge(prefix + ".control.contact_age", () => ContactAge?.TotalSeconds ?? -1, "s", "Time since governance last answered; -1 before the first time");
    }

    /// <summary>True while governance answers.</summary>
    public bool Connected => Volatile.Read(ref _connected);

    /// <summary>Version of the configuration in force; 0 for none.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>When governance last answered; null before the first time.</summary>
    public DateTimeOffset? LastContact
        => Volatile.Read(ref _lastContact) is var ticks and not 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Why the service cannot work, for the readiness report: it has no configuration at all. Null once it has one, whoever answers.</summary>
    public string? NotReadyReason => Volatile.Read(ref _hasSnapshot)
        ? null
        : "no configuration: governance has not answered yet and no earlier snapshot is on disk";

    private TimeSpan? ContactAge => LastContact is { } last ? _time.GetUtcNow() - last : null;

    /// <summary>Completes the next time that contact is found after it was lost (or never was).</summary>
    public Task NextAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _next.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Notes an answer.</summary>
    /// <returns>True when contact had been lost or never was.</returns>
    public bool Answered()
    {
        Volatile.Write(ref _lastContact, _time.GetUtcNow().UtcTicks);
        lock (_gate)
        {
            if (_connected)
            {
                return false;
            }

            Volatile.Write(ref _connected, true);
            _next.SetResult();
            _next = New();
            return true;
        }
    }

    /// <summary>Notes that governance does not answer, or not with anything of use.</summary>
    public void Lost()
    {
        lock (_gate)
        {
            Volatile.Write(ref _connected, false);
        }
    }

    /// <summary>Notes the configuration in force.</summary>
    public void InForce(long version)
    {
        Volatile.Write(ref _version, version);
        Volatile.Write(ref _hasSnapshot, true);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
