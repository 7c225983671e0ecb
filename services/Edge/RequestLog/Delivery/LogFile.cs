using System.Globalization;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Edge.RequestLog.Delivery;

/// <summary>Where the file of an edge that runs alone lies, and how much of it is kept.</summary>
internal sealed record LogFileOptions
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes at which a new file is begun. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Files kept besides the current one, as <c>NAME.1</c>, the youngest, and so on. Default 8.</summary>
    public int Keep { get; init; } = 8;
}

/// <summary>The request log as a file of JSON lines that is rotated by size. Readable by its owner only.</summary>
internal sealed partial class LogFile(LogFileOptions options, ILogger<LogFile> logger) : ILogSink, IAsyncDisposable
{
    private FileStream? _file;
    private bool _told;

    public bool IsNearlyFull => false;

    public async Task<string?> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        try
        {
            _file ??= Open();
            for (var rest = lines; !rest.IsEmpty;)
            {
                var fits = Fitting(rest.Span, options.MaxBytes - _file.Length);
                if (fits == 0 && _file.Length > 0)
                {
                    await RotateAsync().ConfigureAwait(false);
                    continue;
                }

                // A line that is longer than a file may be has one of its own.
                fits = fits == 0 ? rest.Span.IndexOf((byte)'\n') + 1 : fits;
                await _file.WriteAsync(rest[..fits], cancellation).ConfigureAwait(false);
                rest = rest[fits..];
            }

            await _file.FlushAsync(cancellation).ConfigureAwait(false);
            _told = false;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            if (!_told)
            {
                _told = true;
                LogFailed(options.Path, e.Message);
            }

            await CloseAsync().ConfigureAwait(false);
            return "disk";
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync().ConfigureAwait(false);

    private FileStream Open()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
        var file = new FileStream(options.Path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, Options = FileOptions.Asynchronous }.ForOwnerOnly());
        file.Seek(0, SeekOrigin.End);
        if (EndsMidLine(file))
        {
            // A process that was killed left half a line: what comes now begins one of its own.
            file.WriteByte((byte)'\n');
        }

        return file;
    }

    /// <summary>Bytes of the whole lines at the beginning that there is room for.</summary>
    private static int Fitting(ReadOnlySpan<byte> lines, long room) =>
        lines.Length <= room ? lines.Length : room <= 0 ? 0 : lines[..(int)room].LastIndexOf((byte)'\n') + 1;

    private static bool EndsMidLine(FileStream file)
    {
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    private async Task RotateAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        if (options.Keep == 0)
        {
            File.Delete(options.Path);
        }
        else
        {
            for (var i = options.Keep - 1; i >= 1; i--)
            {
                if (File.Exists(Numbered(i)))
                {
                    File.Move(Numbered(i), Numbered(i + 1), overwrite: true);
                }
            }

            File.Move(options.Path, Numbered(1), overwrite: true);
        }

        _file = Open();
    }

    private async Task CloseAsync()
    {
        var file = _file;
        _file = null;
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

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{options.Path}.{number}");

    [LoggerMessage(LogLevel.Error, "The request log {Path} cannot be written ({Reason}); entries are left out and counted until it can")]
    private partial void LogFailed(string path, string reason);
}
