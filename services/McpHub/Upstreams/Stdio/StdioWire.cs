using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams.Stdio;

/// <summary>A program's standard streams: a message a line.</summary>
internal sealed class StdioWire(StdioProcess process, UpstreamSettings settings, TimeProvider time) : ChannelWire(settings)
{
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly int maxBytes = settings.MaxResponseBytes;
    private Task? reading;

    /// <inheritdoc/>
    public override async ValueTask<UpstreamFault?> TellAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var line = new byte[message.Length + 1];
        message.CopyTo(line);
        line[^1] = (byte)'\n';

        JsonBytes.OneLine(line.AsSpan(..^1));

        await writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            reading ??= ReadAsync();

            // Half a line would spoil the next message, so a write that began is not given up for a caller who goes.
            await process.Input.WriteAsync(line, CancellationToken.None).AsTask().WaitAsync(WriteTime, time, CancellationToken.None).ConfigureAwait(false);
            await process.Input.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or TimeoutException)
        {
            await process.EndedAsync().ConfigureAwait(false);
            return Faults.Down(Server, "it does not take messages");
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await process.DisposeAsync().ConfigureAwait(false);
        if (reading is not null)
        {
            await reading.ConfigureAwait(false);
        }
    }

    private async Task ReadAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            using var lines = new LineReader(process.Output, maxBytes) { SkipsLong = true };
            while (await lines.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
            {
                if (lines.Skipped is { } ends)
                {
                    lines.Skipped = null;
                    TakeTooLong(ends);
                }

                if (!line.IsEmpty)
                {
                    await TakeAsync(line).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // As its end.
        }

        await process.EndedAsync().ConfigureAwait(false);
        Lose(Faults.BrokenOff(Server));
    }
}
