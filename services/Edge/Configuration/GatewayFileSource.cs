using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Gateway.ControlPlane;

namespace Gateway.Edge.Configuration;

/// <summary>
/// Puts the configuration file in force at start and again whenever it, or a file it refers to, has another content. A file with errors
/// changes nothing: the last good configuration stays, and each error is logged once.
/// </summary>
internal sealed partial class GatewayFileSource(
    GatewayFileSourceOptions options, ISnapshotSink sink, TimeProvider time, ILogger<GatewayFileSource> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private readonly string _path = Path.GetFullPath(options.Path);
    private readonly Channel<bool> _touched = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private string _seen = "";
    private IReadOnlyList<string> _referenced = [];
    private long _version;

    /// <summary>Loads the file and puts it in force before anything listens.</summary>
    /// <exception cref="InvalidDataException">The file has errors; the message holds them all.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var problems = await ReloadAsync(cancellationToken).ConfigureAwait(false);
        if (problems.Count > 0)
        {
            throw new InvalidDataException(string.Join(Environment.NewLine, problems));
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watcher = TryWatch();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Looks before it waits: the file may have changed between the first load and the watch.
                if (await StableFingerprintAsync(stoppingToken).ConfigureAwait(false) != _seen)
                {
                    await ReloadAsync(stoppingToken).ConfigureAwait(false);
                }

                await WaitForTouchAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The watch must outlive any fault: without it later changes would silently never come into force.
                LogWatchFault(e, _path);
                await Task.Delay(PollInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        // Taken before reading: a change in between is then seen as one more change.
        _seen = await FingerprintAsync(cancellationToken).ConfigureAwait(false);
        var version = Math.Max(_version + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        var result = await GatewayFileLoader.LoadAsync(options with { Version = version }, cancellationToken).ConfigureAwait(false);
        if (!result.ReferencedFiles.SequenceEqual(_referenced))
        {
            _referenced = result.ReferencedFiles;
            _seen = await FingerprintAsync(cancellationToken).ConfigureAwait(false);
        }

        if (result.Snapshot is not { } snapshot)
        {
            return Refuse([.. result.Errors.Select(static e => e.ToString())]);
        }

        var refusals = sink.Apply(snapshot);
        if (refusals.Count > 0)
        {
            return Refuse(refusals);
        }

        _version = version;
        foreach (var warning in result.Warnings)
        {
            LogWarning(_path, warning.ToString());
        }

        LogApplied(_path, version, snapshot.Providers.Count, snapshot.Routes.Count, snapshot.Keys.Count);
        return [];
    }

    private IReadOnlyList<string> Refuse(IReadOnlyList<string> problems)
    {
        foreach (var problem in problems)
        {
            LogError(_path, problem);
        }

        if (_version > 0)
        {
            LogKept(_path, _version);
        }

        return problems;
    }

    private async Task WaitForTouchAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var touched = _touched.Reader.WaitToReadAsync(waiting.Token).AsTask();
        var poll = Task.Delay(PollInterval, time, waiting.Token);
        var first = await Task.WhenAny(touched, poll).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (first != touched)
        {
            return;
        }

        // Editors write in several steps: wait until none has come for a while.
        while (_touched.Reader.TryRead(out _))
        {
            await Task.Delay(Quiet, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The hash once it has stayed the same for a while: a file caught in the middle of being written is no configuration.</summary>
    private async Task<string> StableFingerprintAsync(CancellationToken cancellationToken)
    {
        var now = await FingerprintAsync(cancellationToken).ConfigureAwait(false);
        while (now != _seen)
        {
            await Task.Delay(Quiet, time, cancellationToken).ConfigureAwait(false);
            var later = await FingerprintAsync(cancellationToken).ConfigureAwait(false);
            if (later == now)
            {
                break;
            }

            now = later;
        }

        return now;
    }

    /// <summary>A hash over the content of all files involved; a file that cannot be read counts as that.</summary>
    private async Task<string> FingerprintAsync(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in _referenced.Prepend(_path))
        {
            byte[] content;
            try
            {
                content = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                content = Encoding.UTF8.GetBytes(e.GetType().Name);
            }

            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Watches the folder rather than the file: editors replace files, and mounted ones are swapped by a link beside them.</summary>
    private FileSystemWatcher? TryWatch()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(Path.GetDirectoryName(_path)!)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => _touched.Writer.TryWrite(true);
            watcher.Created += (_, _) => _touched.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _touched.Writer.TryWrite(true);
            watcher.Deleted += (_, _) => _touched.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            LogNoWatcher(_path, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path} is in force as version {Version}: {Providers} providers, {Routes} routes, {Keys} virtual keys.")]
    private partial void LogApplied(string path, long version, int providers, int routes, int keys);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}:{Problem}")]
    private partial void LogWarning(string path, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path}:{Problem}")]
    private partial void LogError(string path, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} was not taken over: version {Version} stays in force until the errors above are mended.")]
    private partial void LogKept(string path, long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes of {Path} are found by looking every two seconds, because its folder cannot be watched: {Reason}")]
    private partial void LogNoWatcher(string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for changes of {Path} failed and goes on.")]
    private partial void LogWatchFault(Exception exception, string path);
}
