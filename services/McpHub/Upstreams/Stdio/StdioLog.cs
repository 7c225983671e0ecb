using System.Text;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams.Stdio;

/// <summary>What a program writes to its error stream, in the hub's log: cut to a length, and so many lines a minute.</summary>
internal sealed partial class StdioLog(string server, TimeProvider time, ILogger log)
{
    private const int MaxBytes = 2048;
    private const int MaxLinesAMinute = 60;

    /// <summary>Follows the stream to its end. It is always read on, so that the program never waits for the log.</summary>
    public async Task FollowAsync(Stream errors)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var minute = time.GetTimestamp();
        var (written, left) = (0, 0);
        try
        {
            using var lines = new LineReader(errors, MaxBytes) { SkipsLong = true };
            while (await lines.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
            {
                if (time.GetElapsedTime(minute) > TimeSpan.FromMinutes(1))
                {
                    if (left > 0)
                    {
                        LeftOut(server, left);
                    }

                    (minute, written, left) = (time.GetTimestamp(), 0, 0);
                }

                if (written++ >= MaxLinesAMinute)
                {
                    left++;
                }
                else if (!line.IsEmpty)
                {
                    Said(server, Clean(line.Span));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It ended.
        }
    }

    // Nothing in it may look like a line or a colour of the log's own.
    private static string Clean(ReadOnlySpan<byte> line)
        => string.Concat(Encoding.UTF8.GetString(line).Select(static c => char.IsControl(c) ? ' ' : c));

    [LoggerMessage(1, LogLevel.Information, "MCP server {Server}: {Line}")]
    private partial void Said(string server, string line);

    [LoggerMessage(2, LogLevel.Information, "MCP server {Server}: {Count} more lines in the last minute")]
    private partial void LeftOut(string server, int count);
}
