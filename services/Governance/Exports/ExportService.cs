using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Exports;

/// <summary>Carries records from the queues to their sinks, each sink by itself: one that is down delays no other, nor the ledger.</summary>
internal sealed partial class ExportService(
    IReadOnlyList<ExportSinkOptions> sinks, ExportQueue queue, ExportState state, StoreGate gate, TimeProvider time, ILogger<ExportService> logger) : BackgroundService
{
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (sinks.Count == 0)
        {
            return;
        }

        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        await Task.WhenAll(sinks.Select(s => CarryAsync(s, stoppingToken))).ConfigureAwait(false);
    }

    private async Task CarryAsync(ExportSinkOptions options, CancellationToken stopping)
    {
        IExportSink sink = options.Type == ExportType.File ? new FileSink(options) : new HttpSink(options, time);
        try
        {
            var (failures, size) = (0, options.BatchSize);
            while (!stopping.IsCancellationRequested)
            {
                var pause = _idle;
                try
                {
                    (var delivered, failures, size, pause) = await RoundAsync(options, sink, failures, size, stopping).ConfigureAwait(false);
                    if (delivered)
                    {
                        continue;
                    }
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // The store is away; it is the same store that the ledger needs.
                    LogStore(logger, options.Name, fault.GetType().Name);
                    pause = TimeSpan.FromSeconds(5);
                }

                await Task.Delay(pause, time, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What waits is sent after the next start.
        }
        finally
        {
            (sink as IDisposable)?.Dispose();
            await LetGoAsync(options.Name).ConfigureAwait(false);
        }
    }

    private async Task<(bool Delivered, int Failures, int Size, TimeSpan Pause)> RoundAsync(ExportSinkOptions options, IExportSink sink, int failures, int size, CancellationToken stopping)
    {
        state.Waiting(options, await queue.CountAsync(options.Name, options.MaxWaiting, stopping).ConfigureAwait(false));
        if (!await queue.HoldAsync(options.Name, stopping).ConfigureAwait(false) || await queue.TakeAsync(options.Name, size, stopping).ConfigureAwait(false) is not { Count: > 0 } rows)
        {
            return (false, failures, size, _idle);
        }

        var outcome = await sink.SendAsync(rows, stopping).ConfigureAwait(false);
        if (outcome.Problem is null)
        {
            // Not cancelled at the end: what was delivered would be sent again.
            await queue.DoneAsync(rows, CancellationToken.None).ConfigureAwait(false);
            state.Delivered(options.Name, rows.Count);
            if (failures > 0)
            {
                LogBack(logger, options.Name);
            }

            return (true, 0, Math.Min(options.BatchSize, size * 2), _idle);
        }

        state.Failed(options.Name);
        if (outcome.Refused && rows.Count == 1)
        {
            // One record that is not taken must not keep all others.
            await queue.DoneAsync(rows, CancellationToken.None).ConfigureAwait(false);
            state.LeftOut(options.Name, "refused", 1);
            LogRefused(logger, options.Name, rows[0].Id, outcome.Problem);
            return (true, failures, size, _idle);
        }

        if (outcome.Refused)
        {
            return (true, failures, Math.Max(1, rows.Count / 2), _idle);
        }

        if (failures == 0)
        {
            LogFailing(logger, options.Name, outcome.Problem);
        }

        var pause = TimeSpan.FromSeconds(Math.Min(_longestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10))));
        return (false, failures + 1, size, outcome.Wait is { } wait && wait > pause && wait <= _longestPause ? wait : pause);
    }

    private async Task LetGoAsync(string sink)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await queue.LetGoAsync(sink, limit.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Another instance waits a minute longer.
            LogStore(logger, sink, fault.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The export sink '{Sink}' does not take records: {Reason} They wait, and it is tried again.")]
    private static partial void LogFailing(ILogger logger, string sink, string reason);

    [LoggerMessage(LogLevel.Information, "The export sink '{Sink}' takes records again")]
    private static partial void LogBack(ILogger logger, string sink);

    [LoggerMessage(LogLevel.Error, "The export sink '{Sink}' refuses the record {Record}: {Reason} It is left out")]
    private static partial void LogRefused(ILogger logger, string sink, string record, string reason);

    [LoggerMessage(LogLevel.Warning, "The queue of the export sink '{Sink}' could not be reached ({Fault})")]
    private static partial void LogStore(ILogger logger, string sink, string fault);
}
