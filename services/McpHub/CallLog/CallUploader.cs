using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.CallLog;

/// <summary>
/// Writes calls to disk as they come, and tells governance of them, in batches and again until it says that it has them. While the disk cannot be written calls are told straight from memory.
/// </summary>
internal sealed partial class CallUploader(CallBook book, CallSpool spool, IServiceClients clients, TimeProvider time, ILogger<CallUploader> log) : BackgroundService
{
    private const int MostCalls = 500;
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _answer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(3);

    // The spool is for one at a time; it is never held while governance is asked.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _news = new(0, 1);
    private bool _toldOfDisk;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _turn.Dispose();
        _news.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var telling = TellAsync(stoppingToken);
        try
        {
            while (await book.Waiting.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                await KeepAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await FinishAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Puts what waits on disk. What cannot be written is told at once, as long as it takes: nothing else can be done with it.</summary>
    private async Task KeepAsync(CancellationToken cancellation)
    {
        var batch = Next();
        if (batch.Count == 0)
        {
            return;
        }

        bool? isKept = null;
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            isKept = await spool.AppendAsync(batch, CancellationToken.None).ConfigureAwait(false);
            _toldOfDisk = false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (!_toldOfDisk)
            {
                _toldOfDisk = true;
                NotWritten(fault.Message);
            }
        }
        finally
        {
            _turn.Release();
        }

        switch (isKept)
        {
            case true:
                Wake();
                break;
            case false:
                book.LeftOut(batch.Count);
                break;
            default:
                await DeliverAsync(batch, cancellation).ConfigureAwait(false);
                break;
        }
    }

    private List<McpCallRecord> Next()
    {
        var batch = new List<McpCallRecord>();
        while (batch.Count < MostCalls && book.Waiting.TryRead(out var call))
        {
            batch.Add(call);
        }

        return batch;
    }

    private void Wake()
    {
        try
        {
            _news.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
    }

    private async Task TellAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!await TellOldestAsync(c => DeliverAsync(c, stopping), stopping).ConfigureAwait(false))
                {
                    await _news.WaitAsync(stopping).ConfigureAwait(false);
                    await Task.Delay(_gather, time, stopping).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // One file's fault must not keep all that comes after it.
                NotTold(fault);
                await Task.Delay(_longest, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>False when there is nothing to tell.</returns>
    private async Task<bool> TellOldestAsync(Func<List<McpCallRecord>, Task> deliver, CancellationToken cancellation)
    {
        (long File, IReadOnlyList<McpCallRecord> Calls, bool IsDamaged)? oldest;
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            oldest = await spool.OldestAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        if (oldest is not { } found)
        {
            return false;
        }

        if (found.IsDamaged)
        {
            Damaged(found.File, found.Calls.Count);
        }

        foreach (var batch in found.Calls.Chunk(MostCalls))
        {
            await deliver([.. batch]).ConfigureAwait(false);
        }

        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            spool.Done(found.File);
        }
        finally
        {
            _turn.Release();
        }

        return true;
    }

    private async Task DeliverAsync(List<McpCallRecord> batch, CancellationToken cancellation)
    {
        var wait = TimeSpan.FromMilliseconds(250);
        while (!await TrySendAsync(batch, cancellation).ConfigureAwait(false))
        {
            await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
            wait = wait * 2 < _longest ? wait * 2 : _longest;
        }
    }

    /// <summary>At the end: everything to disk, and once more to governance where it answers.</summary>
    private async Task FinishAsync()
    {
        using var limit = new CancellationTokenSource(_farewell, time);
        try
        {
            while (book.Waiting.Count > 0)
            {
                await KeepAsync(limit.Token).ConfigureAwait(false);
            }

            while (await TellOldestAsync(SendOnceAsync, limit.Token).ConfigureAwait(false))
            {
                // The next one.
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // What is on disk is told after the next start.
        }

        async Task SendOnceAsync(List<McpCallRecord> batch)
        {
            if (!await TrySendAsync(batch, limit.Token).ConfigureAwait(false))
            {
                throw new OperationCanceledException();
            }
        }
    }

    // True when governance has them, or says that it never will.
    private async Task<bool> TrySendAsync(List<McpCallRecord> batch, CancellationToken cancellation)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(_answer);
            var body = JsonSerializer.SerializeToUtf8Bytes(new McpCallBatch { HubId = HubName.Here, Calls = batch, Lost = book.Lost }, ContractsJson.Default.McpCallBatch);
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var response = await clients.Get(WireNames.Governance).PostAsync(new Uri("/internal/mcp/calls", UriKind.Relative), content, limit.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                // The same again would be refused again, and everything behind it would wait for ever.
                Refused(batch.Count);
                return true;
            }

            return response.IsSuccessStatusCode;
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Calls of tools could not be told to governance and are kept; it is tried again")]
    private partial void NotTold(Exception fault);

    [LoggerMessage(2, LogLevel.Error, "Governance refused {Count} calls of tools as malformed; they are not in the log")]
    private partial void Refused(int count);

    [LoggerMessage(4, LogLevel.Warning, "File {File} of calls that wait for governance does not end as it should, or is of another internal token: {Count} calls of it could be read")]
    private partial void Damaged(long file, int count);

    [LoggerMessage(3, LogLevel.Error, "Calls of tools cannot be written to disk ({Reason}): until they can, a kill of the hub loses those that governance does not have yet")]
    private partial void NotWritten(string reason);
}
