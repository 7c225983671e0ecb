using Gateway.Contracts.Usage;
using Gateway.Edge.Caching.Replay;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Routing;

namespace Gateway.Edge.Caching;

/// <summary>
/// Makes calls for requests that were answered from the cache: to renew an answer that is out of date, and to learn whether a hit was right. Such a call goes the way of any other,
/// through limits and budgets to a record of its key, but nobody waits for it; only a few run at once, and each answer is renewed by one.
/// </summary>
internal sealed partial class Revalidation(
    AdmitStep admit, RouteStep route, CallStep call, SettleStep settle, AnswerKeeper keeper, CacheMetrics metrics, TimeProvider time, ILogger<Revalidation> logger) : IHostedService, IDisposable
{
    private const int MostRunning = 16;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Keys.CacheKey, Task> _running = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _sampling = new();
    private long _minute;
    private int _samples;

    /// <summary>Calls under way.</summary>
    public int Running => _running.Count;

    /// <summary>Renews an answer that was given though it was out of date.</summary>
    public void Start(RequestContext context, CacheFacts facts) => Start(context, facts, "revalidate");

    /// <summary>Fetches a fresh answer beside one that was given, as evidence whether that was right.</summary>
    public void Verify(RequestContext context, CacheFacts facts)
    {
        if (MaySample(context.Settings.CacheStorage.SamplesPerMinute))
        {
            Start(context, facts, "verify");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stop.Dispose();

    private void Start(RequestContext context, CacheFacts facts, string purpose)
    {
        if (_stop.IsCancellationRequested || _running.Count >= MostRunning)
        {
            metrics.CountBackground(purpose, "dropped");
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_running.TryAdd(facts.Key, done.Task))
        {
            return;
        }

        var copy = Copy(context, facts);
        _ = RunAsync(copy, purpose, done);
    }

    private RequestContext Copy(RequestContext context, CacheFacts facts)
    {
        var copy = ShadowCalls.Copy(context, time.GetTimestamp(), time.GetUtcNow());
        copy.Http.RequestAborted = _stop.Token;
        copy.EndUser = context.EndUser;
        copy.SessionId = context.SessionId;
        copy.Tags = context.Tags;
        copy.TagsText = context.TagsText;
        copy.HeaderMetadata = context.HeaderMetadata;
        copy.Stored = context.Stored;
        copy.Cache = new CacheFacts(facts.Rule)
        {
            Outcome = CacheResult.Miss, Wish = facts.Wish, Key = facts.Key, Scope = facts.Scope, Route = facts.Route, Target = facts.Target, MayStore = !facts.Wish.NoStore, Question = facts.Question,
        };
        return copy;
    }

    private async Task RunAsync(RequestContext context, string purpose, TaskCompletionSource done)
    {
        // Not on the caller's time.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var result = "failed";
        try
        {
            var failure = await admit.RunAsync(context).ConfigureAwait(false)
                ?? await route.RunAsync(context).ConfigureAwait(false)
                ?? await call.RunAsync(context).ConfigureAwait(false);
            context.Failure = failure;
            result = failure is not null ? "refused" : await TakeAsync(context).ConfigureAwait(false) ? "renewed" : "failed";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Outcome = _stop.IsCancellationRequested ? RequestOutcome.GatewayStopped : RequestOutcome.UpstreamCut;
        }
        catch (Exception e)
        {
            LogBug(e);
        }
        finally
        {
            if (context.Reservation.Active)
            {
                settle.Run(context);
            }

            context.Answer.Dispose();
            context.Upstream?.Dispose();
            context.Body.Return();
            metrics.CountBackground(purpose, result);
            _running.TryRemove(context.Cache!.Key, out _);
            done.SetResult();
        }
    }

    private async Task<bool> TakeAsync(RequestContext context)
    {
        var facts = context.Cache!;
        context.Status = context.ProviderStatus;
        if (context.Answer.Stream is not { } source)
        {
            settle.Run(context);
            if (context.Outcome != RequestOutcome.Completed || context.Envelope.Stream)
            {
                return context.Outcome == RequestOutcome.Completed;
            }

            facts.Offered = context.Answer.Body.Memory.ToArray();
            keeper.Keep(context, facts);
            return true;
        }

        var log = new Flights.FlightLog(source, AnswerKeeper.MostStreamBytes);
        using var reader = log.Open(isOwner: true, context.Answer.Deadline!, context.Deployment!.Provider.Timeouts.IdleMs);
        context.Answer.Stream = null;
        var answer = await AnswerReader.ReadAsync(context.ProviderDialect, reader).ConfigureAwait(false);
        context.Outcome = answer is null ? RequestOutcome.UpstreamCut : RequestOutcome.Completed;
        if (answer?.Usage is { } usage)
        {
            context.Report(usage);
            context.UsageIsWhole = true;
        }

        context.OutputTextBytes = answer is null ? 0 : Translation.AnswerTranslation.TextBytes(answer);
        settle.Run(context);
        facts.Log = log;
        if (answer is not null)
        {
            keeper.Keep(context, facts);
        }

        await log.CloseAsync(answer is not null, context.Upstream).ConfigureAwait(false);
        return answer is not null;
    }

    private bool MaySample(int perMinute)
    {
        lock (_sampling)
        {
            var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            (_minute, _samples) = minute == _minute ? (_minute, _samples) : (minute, 0);
            return _samples < perMinute && _samples++ >= 0;
        }
    }

    [LoggerMessage(LogLevel.Error, "a call in the background of the cache failed inside the gateway")]
    private partial void LogBug(Exception exception);
}
