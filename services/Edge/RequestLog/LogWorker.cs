using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.RequestLog;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.RequestLog.Bodies;
using Gateway.Edge.RequestLog.Delivery;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.RequestLog;

/// <summary>Makes entries of drafts, off the threads that serve requests: puts streams together, redacts, and writes. Nothing that was said leaves it unredacted.</summary>
internal sealed partial class LogWorker(RequestLogger log, ILogSink sink, IBodyRedactor redactor, LogMetrics metrics, RequestLogMode mode, TimeProvider time, ILogger<LogWorker> logger) : BackgroundService
{
    private const int MostTogether = 64;
    private const int MostBytesTogether = 4 * 1024 * 1024;
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(3);

    // Lines are read by nobody who would take them for HTML.
    private static readonly ContractsJson _json = new(new JsonSerializerOptions(ContractsJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly BodyTexts _bodies = new(redactor, time);
    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What is queued is still written, for a while.
        log.Close();
        if (ExecuteTask is { } running)
        {
            await Task.WhenAny(running, Task.Delay(LongestStop, cancellationToken)).ConfigureAwait(false);
        }

        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        while (log.Drafts.TryRead(out var left))
        {
            left.Capture?.Return();
            left.Trace?.Stop();
            metrics.Left("entry", "queue");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the thread that starts the host.
        await Task.Yield();
        try
        {
            await WriteAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is counted when it stops.
        }
    }

    private async Task WriteAsync(CancellationToken stoppingToken)
    {
        while (await log.Drafts.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            _lines.ResetWrittenCount();
            var entries = 0;
            while (entries < MostTogether && _lines.WrittenCount < MostBytesTogether && log.Drafts.TryRead(out var draft))
            {
                entries += Add(draft) ? 1 : 0;
            }

            if (entries > 0)
            {
                if (await sink.WriteAsync(_lines.WrittenMemory, stoppingToken).ConfigureAwait(false) is { } why)
                {
                    metrics.Left("entry", why, entries);
                }
                else
                {
                    metrics.Wrote(entries);
                }
            }
        }
    }

    private bool Add(LogDraft draft)
    {
        try
        {
            var entry = Entry(draft);
            SpokenContent.Add(draft, entry);
            using var writer = new Utf8JsonWriter(_lines, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            JsonSerializer.Serialize(writer, entry, _json.RequestLogEntry);
            writer.Flush();
            _lines.Write("\n"u8);
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The worker outlives any draft: one that cannot be written must not take the others with it.
            metrics.Left("entry", "unreadable");
            LogBroken(fault.GetType().Name);
            return false;
        }
        finally
        {
            draft.Trace?.Stop();
            draft.Capture?.Return();
        }
    }

    private RequestLogEntry Entry(LogDraft draft)
    {
        ref var usage = ref draft.Usage;
        var entry = new RequestLogEntry
        {
            Id = UsageRecords.Id(draft.RecordId),
            StartedAtMicros = usage.StartedAtMicros,
            RequestId = draft.RequestId,
            KeyId = usage.KeyId ?? "",
            TeamId = usage.TeamId ?? "",
            CustomerId = usage.CustomerId ?? "",
            EndUser = usage.EndUser ?? "",
            SessionId = usage.SessionId ?? "",
            Model = usage.Model ?? "",
            Events = draft.Events,
            ClientAddress = ClientAddresses.Of(draft.Client, draft.Settings.ClientAddress),
            UserAgent = _bodies.Message(draft.UserAgent),
            Decision = draft.Decision,
            Notes = draft.Notes,
            Dropped = draft.Dropped,
            Usage = mode == RequestLogMode.Everything ? UsageRecords.Of(usage, draft.RecordId) : null,
        };
        if (draft.Failure is { } failure)
        {
            entry.Fault = ErrorResponse.Name(failure.Row.Fault);
            entry.Step = ErrorResponse.Name(failure.Step);
            entry.Message = _bodies.Message(failure.Message);
        }
        else if (usage.Status >= 400)
        {
            entry.Fault = ErrorResponse.Name(usage.Status is 499 or 400 or 404 or 413 or 422 ? Fault.Client : Fault.Upstream);
        }

        AddBodies(draft, entry);
        return entry;
    }

    private void AddBodies(LogDraft draft, RequestLogEntry entry)
    {
        if (draft.Capture is not { } capture)
        {
            return;
        }

        if (sink.IsNearlyFull)
        {
            metrics.Left("body", "spool");
            entry.Notes = [.. entry.Notes, "request log: bodies were left out, its place on disk is nearly full"];
            return;
        }

        if (capture.Request.IsStarved || capture.Answer is { IsStarved: true })
        {
            metrics.Left("body", "memory");
        }

        try
        {
            entry.Request = _bodies.Request(draft);
            entry.Answer = _bodies.Answer(draft, out var finish);
            entry.FinishReason = finish;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Half a body may hold what was to be redacted: none is kept.
            (entry.Request, entry.Answer) = (null, null);
            metrics.Left("body", "redaction");
            entry.Notes = [.. entry.Notes, "request log: bodies were left out, they could not be redacted"];
            LogBroken(fault.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "An entry of the request log, or its bodies, could not be made ({Fault}); it is left out and counted")]
    private partial void LogBroken(string fault);
}
