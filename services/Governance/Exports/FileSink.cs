using System.Globalization;
using System.Text;
using Gateway.ServiceDefaults.Files;

namespace Gateway.Governance.Exports;

/// <summary>Appends records as lines to a file, which is set aside when it is long enough. On the disk before they leave the queue.</summary>
internal sealed class FileSink(ExportSinkOptions options) : IExportSink
{
    public async Task<ExportOutcome> SendAsync(IReadOnlyList<ExportRow> rows, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(options.Path!)!);
            Rotate();
            var form = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, Options = FileOptions.Asynchronous }.ForOwnerOnly();
            var file = new FileStream(options.Path!, form);
            await using (file.ConfigureAwait(false))
            {
                // A line that a crash cut off is ended, so that it spoils no other.
                var begin = await EndsInLineAsync(cancellation).ConfigureAwait(false) ? "" : "\n";
                await file.WriteAsync(Encoding.UTF8.GetBytes(begin + string.Concat(rows.Select(static r => r.Body + "\n"))), cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            return default;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new ExportOutcome(fault.Message);
        }
    }

    private async Task<bool> EndsInLineAsync(CancellationToken cancellation)
    {
        if (new FileInfo(options.Path!) is not { Exists: true, Length: > 0 })
        {
            return true;
        }

        var file = new FileStream(options.Path!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, useAsync: true);
        await using (file.ConfigureAwait(false))
        {
            file.Seek(-1, SeekOrigin.End);
            var last = new byte[1];
            return await file.ReadAsync(last, cancellation).ConfigureAwait(false) == 1 && last[0] == (byte)'\n';
        }
    }

    private void Rotate()
    {
        if (new FileInfo(options.Path!) is not { Exists: true } file || file.Length < options.MaxFileBytes)
        {
            return;
        }

        for (var i = options.KeepFiles; i >= 1; i--)
        {
            var older = Numbered(i);
            if (i == options.KeepFiles)
            {
                File.Delete(older);
            }
            else if (File.Exists(older))
            {
                File.Move(older, Numbered(i + 1));
            }
        }

        if (options.KeepFiles == 0)
        {
            file.Delete();
        }
        else
        {
            file.MoveTo(Numbered(1));
        }
    }

    private string Numbered(int number) => options.Path + "." + number.ToString(CultureInfo.InvariantCulture);
}
