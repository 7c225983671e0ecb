using System.Net;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.McpHub.CallLog;

/// <summary>Tells governance of calls, in batches and again until it says that it has them. What waits when the hub stops is told before it ends.</summary>
internal sealed partial class CallUploader(CallBook book, IServiceClients clients, TimeProvider time, ILogger<CallUploader> log) : BackgroundService
{
    private const int MostCalls = 500;
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _answer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<McpCallRecord> batch = [];
        try
        {
            while (await book.Waiting.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                await Task.Delay(_gather, time, stoppingToken).ConfigureAwait(false);
                Fill(batch);
                await DeliverAsync(batch, stoppingToken).ConfigureAwait(false);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FinishAsync(batch).ConfigureAwait(false);
        }
    }

    private void Fill(List<McpCallRecord> batch)
    {
        while (batch.Count < MostCalls && book.Waiting.TryRead(out var call))
        {
            batch.Add(call);
        }
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

    private async Task FinishAsync(List<McpCallRecord> batch)
    {
        using var limit = new CancellationTokenSource(_farewell, time);
        try
        {
            while (true)
            {
                Fill(batch);
                if (batch.Count == 0 || !await TrySendAsync(batch, limit.Token).ConfigureAwait(false))
                {
                    break;
                }

                batch.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        if (batch.Count + book.Waiting.Count is > 0 and var left)
        {
            NotTold(left);
        }
    }

    // True when governance has them, or says that it never will.
    private async Task<bool> TrySendAsync(List<McpCallRecord> batch, CancellationToken cancellation)
    {
        if (batch.Count == 0)
        {
            return true;
        }

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

    [LoggerMessage(1, LogLevel.Warning, "{Count} calls of tools were not told to governance before the hub stopped")]
    private partial void NotTold(int count);

    [LoggerMessage(2, LogLevel.Error, "Governance refused {Count} calls of tools as malformed; they are not in the log")]
    private partial void Refused(int count);
}
