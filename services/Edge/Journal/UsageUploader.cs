using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.ControlPlane;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Journal;

/// <summary>
/// Carries records from the journal to governance, in order, and acknowledges them in the journal once governance has them for good.
/// Never gives up: a record leaves the journal delivered or set aside because governance refuses just that one.
/// </summary>
internal sealed partial class UsageUploader : BackgroundService, IDrainParticipant
{
    /// <summary>Where records go.</summary>
    public const string Path = "/internal/usage";

    private readonly UsageJournal _journal;
    private readonly JournalOptions _folder;
    private readonly HttpClient _governance;
    private readonly GovernanceContact _contact;
    private readonly UploaderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<UsageUploader> _logger;
    private readonly UsageBatchBuffer _batch = new();
    private readonly Meter _meter = new("Gateway.Edge");
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _summed;
    private readonly SummingPolicy _policy;
    private JournalReader? _reader;
    private bool _unsent;

    /// <summary>Makes an uploader.</summary>
    /// <param name="journal">Where records come from.</param>
    /// <param name="journalOptions">The journal's options, for its folder.</param>
    /// <param name="governance">Client with governance as its base address; it adds the internal token.</param>
    /// <param name="contact">Tells when governance is there again.</param>
    /// <param name="options">Sizes and waits.</param>
    /// <param name="time">Clock of all waits.</param>
    /// <param name="logger">Log.</param>
    public UsageUploader(
        UsageJournal journal,
        JournalOptions journalOptions,
        HttpClient governance,
        GovernanceContact contact,
        UploaderOptions options,
        TimeProvider time,
        ILogger<UsageUploader> logger)
    {
        _journal = journal;
        _folder = journalOptions;
        _governance = governance;
        _contact = contact;
        _options = options;
        _time = time;
        _logger = logger;
        _delivered = _meter.CreateCounter<long>("gateway.edge.usage.delivered", "{record}", "Usage records that governance has stored");
        _rejected = _meter.CreateCounter<long>("gateway.edge.usage.rejected", "{record}", "Usage records that governance refused, set aside");
        _policy = new SummingPolicy(options, time);
        _summed = _meter.CreateCounter<long>("gateway.edge.usage.summed", "{record}", "Usage records that were delivered as part of a sum: their figures are in the ledger, what told them apart is not");
        _failures = _meter.CreateCounter<long>("gateway.edge.usage.failures", "{attempt}", "Deliveries that failed and are tried again");
    }

    /// <inheritdoc/>
    public string Name => "usage delivery";

    /// <summary>The final delivery, once the loop has stopped. What does not go now waits in the journal for the next start.</summary>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.StopTimeout);
        try
        {
            // Whatever of it governance took as sums, it does not take again.
            ReadAgain();
            while (ReadBatch())
            {
                if (await SendAsync(0, _batch.Count, limit.Token).ConfigureAwait(false) is { } problem)
                {
                    LogLeftBehind(_journal.BacklogRecords, problem);
                    return;
                }

                Acknowledge();
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            LogLeftBehind(_journal.BacklogRecords, fault.Message);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reader?.Dispose();
        _batch.Dispose();
        _meter.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = 0;
        string? told = null;
        var retried = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_refused < 0)
                {
                    CountRefused();
                }

                var full = true;
                string? problem;
                if (ReadSums())
                {
                    problem = await SendSumsAsync(stoppingToken).ConfigureAwait(false);
                }
                else
                {
                    problem = ReadBatch() ? await SendAsync(0, _batch.Count, stoppingToken).ConfigureAwait(false) : null;
                    full = IsFull;
                    if (problem is null)
                    {
                        Acknowledge();
                    }
                }

                if (problem is null)
                {
                    if (_takesSums && !retried)
                    {
                        // Governance answers: what another version of it, or other settings, refused may pass now.
                        retried = true;
                        await RetryRejectedAsync(stoppingToken).ConfigureAwait(false);
                    }

                    if (failed > 0)
                    {
                        failed = 0;
                        told = null;
                        LogResumed(_journal.BacklogRecords);
                    }

                    if (!full)
                    {
                        await Task.Delay(_options.Interval, _time, stoppingToken).ConfigureAwait(false);
                    }

                    continue;
                }

                failed++;
                if (problem != told)
                {
                    told = problem;
                    LogFailed(problem, _journal.BacklogRecords);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // The loop must outlive any fault: without it the journal would fill up and stop all traffic.
                failed++;
                LogBroken(fault);
            }

            _failures.Add(1);
            _policy.Interrupted();
            await BackOffAsync(failed, stoppingToken).ConfigureAwait(false);
        }
    }

    private bool IsFull => _batch.Count >= _options.BatchRecords || _batch.Bytes >= UsageBatchBuffer.FullAtBytes;

    private bool ReadBatch()
    {
        if (_unsent)
        {
            return true;
        }

        _batch.Clear();
        _reader ??= _journal.TryOpenReader();
        while (_reader is not null && !IsFull && _reader.TryRead(out var record))
        {
            _batch.Add(in record);
        }

        return _unsent = _batch.Count > 0;
    }

    private void Acknowledge()
    {
        // Also without records: the reader may have passed the end of a segment, which can then go.
        if (_reader is not null && _reader.Position > _journal.Acknowledged)
        {
            _journal.Acknowledge(_reader.Position, _batch.Count);
        }

        _delivered.Add(_batch.Count);
        _singly = Math.Max(0, _singly - _batch.Count);
        _unsent = false;
        _batch.Clear();
    }

    private static bool IsRefusal(HttpStatusCode? status)
        => status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;

    /// <summary>Sends a run of the batch; parts it when governance refuses something in it.</summary>
    /// <returns>Null when every record is stored or set aside, else why not.</returns>
    private async Task<string?> SendAsync(int from, int to, CancellationToken cancellationToken)
    {
        var (status, problem, ack) = await PostAsync(() => new UsageBatchContent(_journal.EdgeId ?? "", Refused, _batch.Slice(from, to)), cancellationToken).ConfigureAwait(false);
        if (!IsRefusal(status))
        {
            _takesSums = ack?.TakesSums ?? _takesSums;
            return problem;
        }

        if (to - from == 1)
        {
            var path = await RejectedRecords.KeepAsync(_folder.Directory, _batch.Slice(from, to), cancellationToken).ConfigureAwait(false);
            _rejected.Add(1);
            _refused = Refused + 1;
            LogRejected(path, problem);
            return null;
        }

        var middle = from + ((to - from) / 2);
        return await SendAsync(from, middle, cancellationToken).ConfigureAwait(false)
            ?? await SendAsync(middle, to, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(HttpStatusCode? Status, string? Problem, UsageAck? Ack)> PostAsync(Func<HttpContent> content, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.RequestTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = content() };
            using var response = await _governance.SendAsync(request, limit.Token).ConfigureAwait(false);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => (response.StatusCode, null, await ReadAckAsync(response, limit.Token).ConfigureAwait(false)),
                HttpStatusCode.Unauthorized => (response.StatusCode, $"governance refused the internal token (401): {WireNames.InternalTokenKey} must be the same for both", null),
                var other => (other, $"governance answered {(int)other}", null),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"governance did not answer within {_options.RequestTimeout.TotalSeconds:0.#} s", null);
        }
        catch (HttpRequestException fault)
        {
            return (null, $"governance cannot be reached: {fault.Message}", null);
        }
    }

    private static async Task<UsageAck?> ReadAckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, ContractsJson.Default.UsageAck, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // What was stored is stored; the answer only says more about it.
            return null;
        }
    }

    private async Task BackOffAsync(int failed, CancellationToken cancellationToken)
    {
        var doubled = _options.FirstRetry * Math.Pow(2, Math.Min(failed - 1, 20));
        var bounded = doubled < _options.LongestRetry ? doubled : _options.LongestRetry;
        var wait = bounded * (0.5 + (Random.Shared.NextDouble() / 2));
        try
        {
            // Cut short when the snapshot channel finds governance there again.
            await _contact.NextAsync(cancellationToken).WaitAsync(wait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            // Either way it is time to look again; the caller sees a cancellation by itself.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Usage records cannot be delivered: {Problem}. {Backlog} wait in the journal; tried again until it works")]
    private partial void LogFailed(string problem, long backlog);

    [LoggerMessage(Level = LogLevel.Information, Message = "Usage records are delivered again; {Backlog} still wait in the journal")]
    private partial void LogResumed(long backlog);

    [LoggerMessage(Level = LogLevel.Error, Message = "Governance refuses a usage record ({Problem}); it was set aside in {Path} and is not in the ledger")]
    private partial void LogRejected(string path, string? problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering usage records failed; tried again")]
    private partial void LogBroken(Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopped with {Backlog} usage records not delivered ({Problem}); they wait in the journal for the next start")]
    private partial void LogLeftBehind(long backlog, string problem);
}
