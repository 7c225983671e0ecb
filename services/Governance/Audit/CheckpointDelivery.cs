using System.Net.Http.Headers;
using Gateway.Audit;
using Gateway.Governance.Storage;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Audit;

/// <summary>
/// Carries checkpoints to places outside the store, in order, at least once. One instance at a time holds a place; a place that fails is tried again after 1 s, doubling to
/// 5 minutes, and holds up no other.
/// </summary>
internal sealed partial class CheckpointDelivery(
    Database database, Checkpoints checkpoints, IEnumerable<ICheckpointSink> sinks, TimeProvider time, ILogger<CheckpointDelivery> logger)
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly string _holder = Guid.NewGuid().ToString("n");
    private readonly (ICheckpointSink Sink, Retry Retry)[] _sinks = [.. sinks.Select(s => (s, new Retry()))];

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var (sink, retry) in _sinks)
        {
            if (time.GetUtcNow() < retry.NotBefore)
            {
                continue;
            }

            try
            {
                while (await DeliverAsync(sink, cancellation).ConfigureAwait(false))
                {
                }

                retry.Pause = TimeSpan.Zero;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or HttpRequestException or TimeoutException
                || (fault is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                if (retry.Pause == TimeSpan.Zero)
                {
                    LogFailed(logger, sink.Name, fault.Message);
                }

                retry.Pause = retry.Pause == TimeSpan.Zero ? FirstPause : retry.Pause * 2 > LongestPause ? LongestPause : retry.Pause * 2;
                retry.NotBefore = time.GetUtcNow() + retry.Pause;
            }
        }
    }

    private async Task<bool> DeliverAsync(ICheckpointSink sink, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var delivered = await database.WriteAsync(
            async s =>
            {
                await s.ExecuteAsync("INSERT INTO audit_deliveries (sink, delivered, holder, held_until) VALUES (@Name, 0, '', 0) ON CONFLICT (sink) DO NOTHING", new { sink.Name }).ConfigureAwait(false);
                return await s.QueryAsync<long>(
                    """
                    UPDATE audit_deliveries SET holder = @holder, held_until = @until
                    WHERE sink = @Name AND (holder = @holder OR held_until < @now) AND delivered < (SELECT number FROM audit_checkpoint_numbers) RETURNING delivered
                    """,
                    new { holder = _holder, until = now + (long)Hold.TotalMilliseconds, sink.Name, now }).ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
        if (delivered is not [var after])
        {
            return false;
        }

        var next = await checkpoints.ReadAsync(null, after, MostAtOnce, cancellation).ConfigureAwait(false);
        if (next.Count == 0)
        {
            return false;
        }

        using var lines = new MemoryStream();
        foreach (var checkpoint in next)
        {
            lines.Write(AuditLines.Write(checkpoint.ToCheckpoint()));
            lines.WriteByte((byte)'\n');
        }

        await sink.WriteAsync(lines.ToArray(), cancellation).ConfigureAwait(false);
        await database.WriteAsync(
            s => s.ExecuteAsync("UPDATE audit_deliveries SET delivered = @number WHERE sink = @Name AND holder = @holder", new { number = next[^1].Number, sink.Name, holder = _holder }),
            cancellation).ConfigureAwait(false);
        return next.Count == MostAtOnce;
    }

    private sealed class Retry
    {
        public TimeSpan Pause { get; set; }

        public DateTimeOffset NotBefore { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Audit checkpoints could not be delivered to {Sink}; they wait and are tried again. {Reason}")]
    private static partial void LogFailed(ILogger logger, string sink, string reason);
}

/// <summary>A place outside the store that keeps checkpoints.</summary>
internal interface ICheckpointSink
{
    /// <summary>Unique and stable: how far deliveries have come is kept under it.</summary>
    string Name { get; }

    /// <summary>Takes lines of JSON; returns once they are kept, throws when they are not.</summary>
    Task WriteAsync(byte[] lines, CancellationToken cancellation);
}

/// <summary>Appends to <c>audit-checkpoints.jsonl</c> in a folder, which should lie on another machine.</summary>
internal sealed class FolderSink(string folder) : ICheckpointSink
{
    public string Name => $"folder:{folder}";

    public async Task WriteAsync(byte[] lines, CancellationToken cancellation)
    {
        OwnerOnlyFiles.EnsureFolder(folder);
        var file = new FileStream(Path.Combine(folder, "audit-checkpoints.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read);
        await using (file.ConfigureAwait(false))
        {
            await file.WriteAsync(lines, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
    }
}

/// <summary>Posts <c>application/x-ndjson</c>; any status from 200 to 299 means that the lines are kept.</summary>
internal sealed class WebhookSink(Uri address, string? token, IHttpClientFactory clients) : ICheckpointSink
{
    public const string Client = "audit-webhook";

    public string Name => $"webhook:{address.GetLeftPart(UriPartial.Path)}";

    public async Task WriteAsync(byte[] lines, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(lines) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var client = clients.CreateClient(Client);
        using var answer = await client.SendAsync(request, cancellation).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
    }
}
