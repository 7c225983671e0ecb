namespace Gateway.AppHost.Local.Hosting;

/// <summary>The folder of all state, held by one host at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held) => (Root, _lock) = (path, held);

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>Opens it, making it (for the owner only) where it is missing.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="error">Why it cannot be used; null when it can.</param>
    public static DataDirectory? Open(string path, out string? error)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(path);
                }
                else
                {
                    Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = $"The data folder {path} cannot be made: {e.Message} Choose another with --data DIR or Gateway__DataDirectory.";
            return null;
        }

        try
        {
            // The system drops this lock with the process, however it dies.
            var held = new FileStream(Path.Combine(path, "apphost.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            error = null;
            return new DataDirectory(path, held);
        }
        catch (UnauthorizedAccessException e)
        {
            error = $"The data folder {path} cannot be written: {e.Message} Choose another with --data DIR or Gateway__DataDirectory.";
        }
        catch (IOException)
        {
            error = $"Another gateway is running on the data folder {path}. Stop it, or choose another folder with --data DIR.";
        }

        return null;
    }

    /// <summary>A path in it.</summary>
    public string File(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
