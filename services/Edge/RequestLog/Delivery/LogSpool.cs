using System.Globalization;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.RequestLog.Delivery;

/// <summary>Where entries wait for governance.</summary>
internal sealed record LogSpoolOptions
{
    public required string Folder { get; init; }

    /// <summary>Bytes at which a new segment is begun. Default 4 MiB.</summary>
    public long SegmentBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>Bytes of all segments. From three quarters of it on bodies are left out, beyond it entries are. Default 256 MiB.</summary>
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;
}

/// <summary>
/// Entries on disk between the worker and governance: files of JSON lines, written at one end and read at the other. A file goes once governance has all of it; after a restart the
/// oldest is sent again from its beginning, which governance knows by the entries' ids. Everything in it is redacted.
/// </summary>
internal sealed partial class LogSpool : ILogSink, IDisposable
{
    private readonly LogSpoolOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly SortedDictionary<long, long> _segments = [];
    private FileStream? _writing;
    private long _current;
    private long _readAt;
    private long _bytes;
    private bool _isOpen;
    private bool _told;

    public LogSpool(LogSpoolOptions options, ILogger<LogSpool> logger) => (_options, _logger) = (options, logger);

    /// <summary>Bytes that wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public bool IsNearlyFull => Bytes > _options.MaxBytes / 4 * 3;

    public async Task<string?> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Open();
            if (_bytes + lines.Length > _options.MaxBytes)
            {
                return "spool";
            }

            if (_writing is null || _segments[_current] >= _options.SegmentBytes)
            {
                await RollAsync().ConfigureAwait(false);
            }

            await _writing!.WriteAsync(lines, cancellation).ConfigureAwait(false);
            await _writing.FlushAsync(cancellation).ConfigureAwait(false);
            _segments[_current] += lines.Length;
            Volatile.Write(ref _bytes, _bytes + lines.Length);
            _told = false;
            if (_news.CurrentCount == 0)
            {
                _news.Release();
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_told)
            {
                _told = true;
                LogFailed(_options.Folder, e.Message);
            }

            // Half a line may have been written: nothing more goes into that file.
            await CloseWritingAsync().ConfigureAwait(false);
            return "disk";
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Waits until something new may be there.</summary>
    public Task NewsAsync(CancellationToken cancellation) => _news.WaitAsync(cancellation);

    /// <summary>The oldest whole lines that wait, up to about <paramref name="most"/> bytes but at least one line; empty for none.</summary>
    public async Task<byte[]> PeekAsync(int most, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Open();
            while (_segments.Count > 0)
            {
                var (number, length) = _segments.First();
                var lines = await ReadAsync(number, length, most, cancellation).ConfigureAwait(false);
                if (lines.Length > 0)
                {
                    return lines;
                }

                // Read to its end; half a line that a killed process left is no entry.
                if (number == _current && _writing is not null)
                {
                    return [];
                }

                Remove(number, length);
            }

            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(_options.Folder, e.Message);
            return [];
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Governance has the first <paramref name="bytes"/> of what <see cref="PeekAsync"/> gave.</summary>
    public async Task DoneAsync(int bytes, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _readAt += bytes;
            var (number, length) = _segments.First();
            if (_readAt < length)
            {
                return;
            }

            if (number == _current)
            {
                await CloseWritingAsync().ConfigureAwait(false);
            }

            Remove(number, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(_options.Folder, e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _writing?.Dispose();
        _gate.Dispose();
        _news.Dispose();
    }

    private async Task<byte[]> ReadAsync(long number, long length, int most, CancellationToken cancellation)
    {
        if (_readAt >= length || !File.Exists(PathOf(number)))
        {
            return [];
        }

        var file = new FileStream(PathOf(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, useAsync: true);
        await using (file.ConfigureAwait(false))
        {
            for (var size = (long)most; ; size *= 4)
            {
                var buffer = new byte[Math.Min(size, length - _readAt)];
                file.Seek(_readAt, SeekOrigin.Begin);
                await file.ReadExactlyAsync(buffer, cancellation).ConfigureAwait(false);
                var end = buffer.AsSpan().LastIndexOf((byte)'\n') + 1;
                if (end > 0 || buffer.Length == length - _readAt)
                {
                    return buffer[..end];
                }
            }
        }
    }

    private void Open()
    {
        if (_isOpen)
        {
            return;
        }

        Directory.CreateDirectory(_options.Folder);
        foreach (var file in new DirectoryInfo(_options.Folder).EnumerateFiles("*.jsonl"))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _segments[number] = file.Length;
                _current = Math.Max(_current, number);
            }
        }

        Volatile.Write(ref _bytes, _segments.Values.Sum());
        _isOpen = true;
    }

    private async Task RollAsync()
    {
        await CloseWritingAsync().ConfigureAwait(false);
        _writing = new FileStream(PathOf(_current + 1), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous }.ForOwnerOnly());
        _segments[++_current] = 0;
    }

    private async Task CloseWritingAsync()
    {
        var file = _writing;
        _writing = null;
        if (file is not null)
        {
            try
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The fault was told when it was met.
            }
        }
    }

    private void Remove(long number, long length)
    {
        File.Delete(PathOf(number));
        _segments.Remove(number);
        _readAt = 0;
        Volatile.Write(ref _bytes, _bytes - length);
    }

    private string PathOf(long number) => Path.Combine(_options.Folder, number.ToString("0000000000", CultureInfo.InvariantCulture) + ".jsonl");

    [LoggerMessage(LogLevel.Error, "Entries of the request log cannot be kept in {Folder} ({Reason}); they are left out and counted until they can")]
    private partial void LogFailed(string folder, string reason);
}
