using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.ControlPlane;
using Gateway.Edge.Journal;

namespace Gateway.Edge.RequestLog.Delivery;

/// <summary>Carries entries from the spool to governance, oldest first. Never gives up; an entry that governance refuses for what it is, is left out and counted.</summary>
internal sealed partial class LogUploader(LogSpool spool, UsageJournal journal, HttpClient governance, GovernanceContact contact, LogMetrics metrics, TimeProvider time, ILogger<LogUploader> logger) : BackgroundService
{
    /// <summary>Where entries go.</summary>
    public const string Path = "/internal/logs";

    private const int MostEntries = 200;
    private const int MostBytes = 2 * 1024 * 1024;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private bool _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var lines = await spool.PeekAsync(MostBytes, stoppingToken).ConfigureAwait(false);
                if (lines.Length == 0)
                {
                    await spool.NewsAsync(stoppingToken).ConfigureAwait(false);
                    continue;
                }

                if (journal.EdgeId is { } edge && await SendAsync(edge, lines, stoppingToken).ConfigureAwait(false) is var done and > 0)
                {
                    await spool.DoneAsync(done, stoppingToken).ConfigureAwait(false);
                    (failed, _told) = (0, false);
                    continue;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException or JsonException)
            {
                Tell(fault.Message);
            }

            await BackOffAsync(++failed, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <returns>Bytes that need not be sent again; 0 when it failed.</returns>
    private async Task<int> SendAsync(string edge, byte[] lines, CancellationToken cancellation)
    {
        var length = Cut(lines, MostEntries);
        var status = await PostAsync(edge, lines.AsMemory(0, length), cancellation).ConfigureAwait(false);
        if (status == HttpStatusCode.OK)
        {
            return length;
        }

        if (status is not (HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge))
        {
            Tell($"status {(int)status}");
            return 0;
        }

        // One of them is not what governance takes: which one, only sending them one by one tells.
        var done = 0;
        while (done < length)
        {
            var one = Cut(lines.AsSpan(done, length - done), 1);
            status = await PostAsync(edge, lines.AsMemory(done, one), cancellation).ConfigureAwait(false);
            if (status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            {
                metrics.Left("entry", "refused");
                LogRefused((int)status);
            }
            else if (status != HttpStatusCode.OK)
            {
                break;
            }

            done += one;
        }

        return done;
    }

    private async Task<HttpStatusCode> PostAsync(string edge, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LongestAnswer);
        using var content = new ByteArrayContent(Batch(edge, lines.Span));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await governance.PostAsync(Path, content, limit.Token).ConfigureAwait(false);
        return answer.StatusCode;
    }

    private byte[] Batch(string edge, ReadOnlySpan<byte> lines)
    {
        using var buffer = new MemoryStream(lines.Length + 128);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("edgeId"u8, edge);
            writer.WriteNumber("thinned"u8, metrics.Thinned);
            writer.WriteStartArray("entries"u8);
            foreach (var range in lines.Split((byte)'\n'))
            {
                if (lines[range] is { IsEmpty: false } line)
                {
                    writer.WriteRawValue(line, skipInputValidation: true);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static int Cut(ReadOnlySpan<byte> lines, int most)
    {
        var end = 0;
        for (var i = 0; i < most && end < lines.Length; i++)
        {
            var next = lines[end..].IndexOf((byte)'\n');
            if (next < 0)
            {
                break;
            }

            end += next + 1;
        }

        return end;
    }

    private async Task BackOffAsync(int failed, CancellationToken cancellation)
    {
        try
        {
            var wait = TimeSpan.FromMilliseconds(Math.Min(LongestRetry.TotalMilliseconds, FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(failed - 1, 16))));
            await Task.WhenAny(Task.Delay(wait * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellation), contact.NextAsync(cancellation)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private void Tell(string problem)
    {
        if (!_told)
        {
            _told = true;
            LogFailed(problem, spool.Bytes);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Entries of the request log cannot be delivered: {Problem}. {Bytes} bytes wait on disk; tried again until it works")]
    private partial void LogFailed(string problem, long bytes);

    [LoggerMessage(LogLevel.Warning, "Governance refuses an entry of the request log with status {Status}; it is left out and counted")]
    private partial void LogRefused(int status);
}
