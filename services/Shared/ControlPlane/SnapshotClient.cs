using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Contracts;
using Gateway.Contracts.Snapshots;

namespace Gateway.ControlPlane;

/// <summary>
/// Follows governance's configuration by long-poll and puts each new version into force. Keeps the last good one on disk and starts
/// from it, so that the service works while governance is down.
/// </summary>
internal sealed partial class SnapshotClient : BackgroundService
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _governance;
    private readonly ISnapshotSink _sink;
    private readonly SnapshotStore _store;
    private readonly GovernanceContact _contact;
    private readonly SnapshotClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SnapshotClient> _logger;
    private readonly SnapshotKeeper _keeper;
    private SnapshotImage _held = SnapshotImage.Empty;
    private long? _version;
    private string? _source;
    private bool _verified;
    private bool _startOver;
    private bool _wantsWhole;
    private long? _refused;

    /// <summary>Makes a client.</summary>
    /// <param name="governance">Client with governance as its base address; it adds the internal token. Its own timeout must exceed the hold and its grace.</param>
    /// <param name="sink">Takes configurations into force.</param>
    /// <param name="store">Keeps the last good one.</param>
    /// <param name="contact">Told how contact stands.</param>
    /// <param name="options">Waits.</param>
    /// <param name="time">Clock of all waits.</param>
    /// <param name="logger">Log.</param>
    public SnapshotClient(
        HttpClient governance,
        ISnapshotSink sink,
        SnapshotStore store,
        GovernanceContact contact,
        SnapshotClientOptions options,
        TimeProvider time,
        ILogger<SnapshotClient> logger)
    {
        _governance = governance;
        _sink = sink;
        _store = store;
        _contact = contact;
        _options = options;
        _time = time;
        _logger = logger;
        _keeper = new SnapshotKeeper(store, options.KeepEvery, time, logger);
    }

    /// <summary>Puts the configuration on disk into force before the first request can come, then follows governance.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await StartFromDiskAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var keeping = _keeper.RunAsync(stoppingToken);
        await FollowAsync(stoppingToken).ConfigureAwait(false);
        await keeping.ConfigureAwait(false);
        await _keeper.SaveAsync().ConfigureAwait(false);
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var failed = 0;
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            string? problem;
            Exception? cause = null;
            try
            {
                problem = await PollAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                problem = "it did not answer in time";
            }
            catch (Exception fault)
            {
                // The loop must outlive any fault: without it the service would keep revoked keys alive.
                problem = fault.Message;
                cause = fault is HttpRequestException ? null : fault;
            }

            if (problem is null)
            {
                failed = 0;
                told = null;
                continue;
            }

            _verified = false;
            _contact.Lost();
            if (problem != told)
            {
                told = problem;
                LogLost(problem, _version ?? 0, cause);
            }

            var doubled = _options.FirstRetry * Math.Pow(2, Math.Min(failed++, 20));
            var bounded = doubled < _options.LongestRetry ? doubled : _options.LongestRetry;
            await Task.Delay(bounded * (0.75 + (Random.Shared.NextDouble() / 4)), _time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StartFromDiskAsync(CancellationToken cancellationToken)
    {
        var (stored, problem) = await _store.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (stored is not null)
        {
            (var image, problem) = SnapshotDocument.Read(stored.Json.Span, SnapshotImage.Empty);
            if (image is not null)
            {
                var isComplete = true;
                foreach (var difference in stored.Differences)
                {
                    // What could not be built upon is not there either: governance sends what follows.
                    if (SnapshotDocument.ReadDifference(difference.Span, image).Image is not { } next)
                    {
                        isComplete = false;
                        break;
                    }

                    image = next;
                }

                if (isComplete)
                {
                    _keeper.IsKept(image, stored.Source);
                }

                PutInForce(image, stored.Source);
                var age = _time.GetUtcNow() - stored.SavedAt;
                LogFromDisk(image.Version, age);
                return;
            }
        }

        if (problem is not null)
        {
            LogDiskIgnored(problem);
        }
    }

    /// <summary>Asks once.</summary>
    /// <returns>Null when governance answered as it should, else what was wrong.</returns>
    private async Task<string?> PollAsync(CancellationToken cancellationToken)
    {
        // The first question after a loss is not held: governance may be another one by now, and its answer says so.
        var hold = _verified ? (int)_options.Hold.TotalSeconds : 0;
        var after = _startOver ? 0 : _version ?? 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(hold) + _options.Grace);
        // A difference is asked for only from what is in force as a whole.
        var form = !_wantsWhole && after != 0 && _held.Version == after ? $"&form={WireNames.SnapshotDifference}&digest={_held.Digest}" : "";
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"/internal/snapshot?after={after}&waitSeconds={hold}{form}"));
        if (_source is not null)
        {
            _ = request.Headers.TryAddWithoutValidation(WireNames.SnapshotSourceHeader, _source);
        }

        if (_options.Name?.Invoke() is { Length: > 0 } name)
        {
            _ = request.Headers.TryAddWithoutValidation("x-gateway-edge-id", name);
        }

        var before = _version;
        var asked = _time.GetTimestamp();
        using var response = await _governance.SendAsync(request, limit.Token).ConfigureAwait(false);
        var source = SourceOf(response);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                var json = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
                var isDifference = response.Headers.TryGetValues(WireNames.SnapshotFormHeader, out var forms) && forms.Contains(WireNames.SnapshotDifference);
                if (isDifference)
                {
                    TakeDifference(json, source);
                }
                else if (Take(json, source) is { } refused)
                {
                    return refused;
                }

                _verified = true;
                _startOver = false;
                break;
            case HttpStatusCode.NoContent:
                // From another source its versions are not ours: ask for whatever it has.
                _startOver = IsOther(source);
                _verified = !_startOver;
                break;
            case HttpStatusCode.Unauthorized:
                return $"it refused the internal token (401): {WireNames.InternalTokenKey} must be the same for both";
            default:
                return $"it answered {(int)response.StatusCode}";
        }

        if (_contact.Answered())
        {
            LogConnected(_version ?? 0);
        }

        if (_version == before && _time.GetElapsedTime(asked) < ShortestPoll)
        {
            // Nothing new, and the question was not held, for whatever reason: do not storm it.
            await Task.Delay(ShortestPoll, _time, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    private string? Take(byte[] json, string? source)
    {
        var (image, problem) = SnapshotDocument.Read(json, _held);
        if (image is null)
        {
            return $"its snapshot cannot be used: {problem}";
        }

        _wantsWhole = false;
        if (_version is { } current)
        {
            if (IsOther(source))
            {
                LogReplaced(image.Version, current);
            }
            else if (image.Version <= current)
            {
                _source ??= source;
                if (image.Version < current && _refused != image.Version)
                {
                    _refused = image.Version;
                    LogOlder(image.Version, current);
                }

                return null;
            }
        }

        if (PutInForce(image, source ?? _source))
        {
            _keeper.Keep(image, _source);
        }

        LogInForce(image.Version);
        return null;
    }

    /// <summary>Puts a difference into force as a whole, or asks for everything: then what was before stays in force until that comes.</summary>
    private void TakeDifference(byte[] json, string? source)
    {
        var (image, problem) = IsOther(source) ? (null, "it is from another store") : SnapshotDocument.ReadDifference(json, _held);
        if (image is null)
        {
            LogDifferenceRefused(_held.Version, problem!);
            _wantsWhole = true;
            return;
        }

        if (_sink.Apply(image.Snapshot) is { Count: > 0 } problems)
        {
            LogDifferenceRefused(_held.Version, problems[0]);
            _wantsWhole = true;
            return;
        }

        Follow(image, source ?? _source);
        _held = image;
        _keeper.Keep(image, _source);
        LogInForce(image.Version);
    }

    private bool PutInForce(SnapshotImage image, string? source)
    {
        var problems = _sink.Apply(image.Snapshot);
        foreach (var problem in problems)
        {
            LogProblem(image.Version, problem);
        }

        // What is wrong in itself is not asked for again, but nothing is built upon it.
        Follow(image, source);
        _held = problems.Count == 0 ? image : _held;
        return problems.Count == 0;
    }

    private void Follow(SnapshotImage image, string? source)
    {
        _version = image.Version;
        _source = source;
        _refused = null;
        _contact.InForce(image.Version);
    }

    private bool IsOther(string? source) => source is not null && _source is not null && source != _source;

    private static string? SourceOf(HttpResponseMessage response)
        => response.Headers.TryGetValues(WireNames.SnapshotSourceHeader, out var values)
            && values.FirstOrDefault() is { Length: > 0 and <= 256 } source
            && Ascii.IsValid(source)
                ? source
                : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Started from the configuration on disk: version {Version}, received {Age} ago")]
    private partial void LogFromDisk(long version, TimeSpan age);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configuration on disk is ignored: {Problem}. Governance is waited for")]
    private partial void LogDiskIgnored(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Configuration version {Version} is in force")]
    private partial void LogInForce(long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Configuration version {Version}: {Problem}")]
    private partial void LogProblem(long version, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to governance; configuration version {Version}")]
    private partial void LogConnected(long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No contact with governance: {Problem}. Configuration version {Version} stays in force; tried again until it works")]
    private partial void LogLost(string problem, long version, Exception? fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Governance has another store than before: its configuration version {Version} replaces {Former}")]
    private partial void LogReplaced(long version, long former);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Governance offers configuration version {Offered}, older than {Version} in force, which stays. If its database was put back from a backup, delete snapshot.bin in this service's data folder and restart it")]
    private partial void LogOlder(long offered, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A difference from configuration version {Version} is not taken, the whole is asked for: {Problem}")]
    private partial void LogDifferenceRefused(long version, string problem);
}
