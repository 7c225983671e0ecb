using Gateway.Edge.Prices;
using System.Buffers;
using System.Diagnostics.Metrics;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Framing;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Http;
using Gateway.Edge.Journal;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.Edge.Routing;

/// <summary>
/// Sends copies of requests to shadow targets. Nothing of it reaches the caller: a copy has its own memory, its own bound on how many run at once (more are dropped
/// and counted), and its answer is read and thrown away. Its use is recorded under the key <see cref="RecordedKey"/>, so that it stands on nobody's budget.
/// </summary>
internal sealed class ShadowCalls : IDisposable
{
    /// <summary>Stands for the virtual key in the usage records of shadows; no key can have this id.</summary>
    public const string RecordedKey = "(shadow)";

    private const int BytesPerToken = 4;

    private readonly IUsageJournal _journal;
    private readonly IDrain _drain;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Meter _meter = new("Gateway.Edge");
    private readonly Counter<long> _calls;
    private int _running;

    public ShadowCalls(IUsageJournal journal, IDrain drain, TimeProvider time)
    {
        (_journal, _drain, _time) = (journal, drain, time);
        _calls = _meter.CreateCounter<long>("gateway.shadow.calls", "{call}", "Copies of requests for shadow targets, by deployment and what came of them.");
    }

    /// <summary>Copies under way.</summary>
    public int Running => Volatile.Read(ref _running);

    public void Start(RequestContext context, List<TargetRuntime> targets)
    {
        // A session cannot be had twice, and what continues a stored response says nothing to who does not hold it.
        foreach (var target in context.Operation.Upstream == UpstreamOperation.Realtime || context.Stored is { IsBound: true } ? [] : targets)
        {
            if (Interlocked.Increment(ref _running) > context.Settings.Health.ShadowConcurrency)
            {
                Interlocked.Decrement(ref _running);
                Count(target, "dropped");
                continue;
            }

            _ = RunAsync(Copy(context, context.StartedTimestamp, context.StartedAtMicros), target);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _meter.Dispose();
    }

    /// <summary>A copy of a request that outlives it.</summary>
    public static RequestContext Copy(RequestContext context, long startedTimestamp, DateTimeOffset startedAt) =>
        Copy(context, startedTimestamp, startedAt.ToUnixTimeMilliseconds() * 1_000);

    private static RequestContext Copy(RequestContext context, long startedTimestamp, long startedAtMicros)
    {
        var http = new DefaultHttpContext { TraceIdentifier = context.Http.TraceIdentifier };
        foreach (var (name, value) in context.Http.Request.Headers)
        {
            http.Request.Headers[name] = value;
        }

        var body = ArrayPool<byte>.Shared.Rent(Math.Max(1, context.Body.Length));
        context.Body.Span.CopyTo(body);
        var copy = new RequestContext(http, context.Operation, context.Model, startedTimestamp, startedAtMicros)
        {
            PathModel = context.PathModel,
            Key = context.Key,
            Body = new PooledBody(body, context.Body.Length),
            Route = context.Route,
            ModelName = context.ModelName,
            WildcardPart = context.WildcardPart,
        };
        copy.Envelope = context.Envelope;
        copy.Form = context.Form;
        return copy;
    }

    private async Task RunAsync(RequestContext context, TargetRuntime target)
    {
        // Not on the caller's time.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var outcome = "failed";
        try
        {
            var (lease, _) = await TargetLease.TakeAsync(target, 0, _stop.Token).ConfigureAwait(false);
            if (lease is null)
            {
                outcome = "skipped";
                return;
            }

            using (lease)
            using (var attempt = new UpstreamAttempt(context, target.Deployment, target.Deployment.Provider.Timeouts, _drain, _time))
            {
                outcome = await CallAsync(context, attempt, lease).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            outcome = "failed";
        }
        finally
        {
            context.Body.Return();
            Interlocked.Decrement(ref _running);
            Count(target, outcome);
        }
    }

    private async Task<string> CallAsync(RequestContext context, UpstreamAttempt attempt, TargetLease lease)
    {
        var started = _time.GetTimestamp();
        var fault = await attempt.RunAsync(_stop.Token).ConfigureAwait(false);
        var firstByte = _time.GetElapsedTime(started);
        var status = fault is null ? attempt.Status : 502;
        if (fault is null && attempt.Outcome != RequestOutcome.UpstreamError)
        {
            lease.Succeeded(firstByte.TotalMilliseconds, context.Envelope.Stream);
        }

        var whole = attempt.Outcome == RequestOutcome.Completed || (fault is null && attempt.Answer.Stream is { } stream && await DrainAsync(stream, attempt.Answer.Form, context).ConfigureAwait(false));
        if (attempt.Engaged)
        {
            Record(context, attempt, whole, status, firstByte, _time.GetElapsedTime(started));
        }

        return whole ? "completed" : attempt.Outcome == RequestOutcome.UpstreamError ? "refused" : "failed";
    }

    private static async Task<bool> DrainAsync(StreamSource stream, AnswerForm? form, RequestContext context)
    {
        // OpenAI's streams have no form of their own; whatever else comes is followed by its reader, and translated for nobody.
        var scan = form?.Scan ?? (form?.Translation is { } translation ? StreamScans.Create(translation.Source, context.Envelope.Choices) : null);
        do
        {
            while (stream.TryTake(out var frame))
            {
                if (Follow(stream.Open(frame), scan, context) is { } isWhole)
                {
                    return isWhole;
                }
            }
        }
        while (await stream.FillAsync().ConfigureAwait(false));
        return scan?.Complete() == true && Count(scan, context);
    }

    /// <returns>Whether the stream is whole once it ends, null before.</returns>
    private static bool? Follow(in StreamFrame frame, IStreamScan? scan, RequestContext context)
    {
        if (scan is not null)
        {
            var kind = scan.Read(frame);
            Count(scan, context);
            return kind == ScannedKind.Content ? null : kind == ScannedKind.Terminal;
        }

        var chunk = StreamChunk.Read(frame.Payload.Span);
        context.OutputTextBytes += chunk.TextBytes;
        if (chunk.HasUsage)
        {
            (context.Tokens, context.HasUsage) = (chunk.Tokens, true);
        }

        return chunk.Kind == StreamChunkKind.Done ? true : null;
    }

    private static bool Count(IStreamScan scan, RequestContext context)
    {
        context.OutputTextBytes += scan.TextBytes;
        if (scan.HasUsage)
        {
            (context.Tokens, context.HasUsage) = (scan.Tokens, true);
        }

        return true;
    }

    private void Record(RequestContext context, UpstreamAttempt attempt, bool whole, int status, TimeSpan firstByte, TimeSpan total)
    {
        var reported = attempt.HasUsage || context.HasUsage;
        var tokens = attempt.HasUsage ? attempt.Tokens
            : context.HasUsage ? context.Tokens
            : new Dialects.TokenCounts { Input = Math.Max(1, context.PromptBytes / BytesPerToken), Output = (context.OutputTextBytes + BytesPerToken - 1) / BytesPerToken };
        var cost = attempt.Deployment.Pricing.Cost(context.PriceOf(attempt.Deployment), tokens, attempt.Units, BilledUse.Served(tokens, context.Envelope), out var version);
        var entry = new UsageEntry
        {
            StartedAtMicros = context.StartedAtMicros,
            DurationMicros = (long)total.TotalMicroseconds,
            FirstByteMicros = (long)firstByte.TotalMicroseconds,
            CostNanoUsd = cost,
            Status = status,
            Attempts = 1,
            Operation = context.Operation.Operation,
            Outcome = whole ? RequestOutcome.Completed : RequestOutcome.UpstreamCut,
            Stream = context.Envelope.Stream,
            Estimated = !reported,
            KeyId = RecordedKey,
            Model = context.ModelName,
            DeploymentId = attempt.Deployment.Id,
            ProviderId = attempt.Deployment.Provider.Id,
            PriceVersion = version,
        };
        entry.Take(tokens);
        _journal.TryAppend(entry);
    }

    private void Count(TargetRuntime target, string outcome) => _calls.Add(1, new("deployment", target.DeploymentId), new KeyValuePair<string, object?>("outcome", outcome));
}
