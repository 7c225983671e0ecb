namespace Gateway.ServiceDefaults.Files;

/// <summary>Files that only their owner may read and write, each written whole or not at all. A crash at any moment leaves the old content or the new.</summary>
public static class OwnerOnlyFiles
{
    private const UnixFileMode OwnerMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Gives a file that is made by these options its owner's mode alone. A file that is there keeps the mode that it has.</summary>
    /// <param name="options">The options.</param>
    public static FileStreamOptions ForOwnerOnly(this FileStreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerMode;
        }

        return options;
    }

    /// <summary>Makes a folder (0700 where it is new) and returns its path.</summary>
    /// <param name="path">The folder.</param>
    public static string EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerMode | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Takes the rights of others away from a file that is there.</summary>
    /// <param name="path">The file.</param>
    public static void Narrow(string path)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerMode)
        {
            File.SetUnixFileMode(path, OwnerMode);
        }
    }

    /// <summary>Writes a file, on the disk before it has its name.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="content">All of it.</param>
    /// <param name="replace">Whether one that is there is replaced.</param>
    /// <returns>False when there was one that was not to be replaced, also where another process was first.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public static bool Write(string path, ReadOnlySpan<byte> content, bool replace)
    {
        var unfinished = Unfinished(path);
        try
        {
            using (var file = new FileStream(unfinished, NewFile))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            return Name(unfinished, path, replace);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Writes a file, on the disk before it has its name.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="content">All of it.</param>
    /// <param name="replace">Whether one that is there is replaced.</param>
    /// <param name="cancellation">Stops the writing; what was there stays.</param>
    /// <returns>False when there was one that was not to be replaced, also where another process was first.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public static async Task<bool> WriteAsync(string path, ReadOnlyMemory<byte> content, bool replace, CancellationToken cancellation)
    {
        var unfinished = Unfinished(path);
        try
        {
            var file = new FileStream(unfinished, NewFile);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(content, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            return Name(unfinished, path, replace);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static FileStreamOptions NewFile => new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None }.ForOwnerOnly();

    // A name of its own: two that write the same file at once do not write into each other.
    private static string Unfinished(string path) => $"{path}.{Guid.NewGuid():n}.tmp";

    private static bool Name(string unfinished, string path, bool replace)
    {
        try
        {
            File.Move(unfinished, path, replace);
            return true;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            File.Delete(unfinished);
            return false;
        }
    }
}
