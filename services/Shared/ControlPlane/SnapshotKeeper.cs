using System.Threading.Channels;
using Gateway.Contracts.Snapshots;

namespace Gateway.ControlPlane;

/// <summary>
/// Keeps the configuration in force on disk, in the background and not for every change: after one is written the next waits a while and only the last of those that came
/// meanwhile follows. A kill leaves an older one, which is as good to start from: what has changed since comes as a difference.
/// </summary>
internal sealed partial class SnapshotKeeper(SnapshotStore store, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private readonly Channel<(SnapshotImage Image, string? Source)> _waiting =
        Channel.CreateBounded<(SnapshotImage, string?)>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private (SnapshotImage Image, string? Source)? _kept;

    /// <summary>Tells what is kept already, before anything is noted.</summary>
    public void IsKept(SnapshotImage image, string? source) => _kept = (image, source);

    /// <summary>Notes what is to be kept.</summary>
    public void Keep(SnapshotImage image, string? source) => _waiting.Writer.TryWrite((image, source));

    /// <summary>Writes until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
            {
                await SaveAsync().ConfigureAwait(false);
                await Task.Delay(interval, time, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What waits still is written by whoever stops, once nothing more can come.
        }
    }

    /// <summary>Writes what waits, if anything does.</summary>
    public async Task SaveAsync()
    {
        if (!_waiting.Reader.TryRead(out var last))
        {
            return;
        }

        try
        {
            var difference = _kept is { } kept && kept.Source == last.Source ? last.Image.DifferenceFrom(kept.Image) : null;
            _kept = null;
            if (difference is not null && store.Takes(difference.Length))
            {
                await store.AppendAsync(time.GetUtcNow(), difference, CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                await store.SaveAsync(new StoredSnapshot(last.Source, time.GetUtcNow(), last.Image.ToJson()), CancellationToken.None).ConfigureAwait(false);
            }

            _kept = last;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotKept(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration could not be kept on disk; a start without governance would use an older one or none")]
    private partial void LogNotKept(Exception fault);
}
