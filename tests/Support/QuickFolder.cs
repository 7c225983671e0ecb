namespace Gateway.Testing;

/// <summary>Folders for stores that flush to disk at every commit and need not outlive a power cut: in memory where there is room, else among the temporary ones.</summary>
internal static class QuickFolder
{
    private const long Room = 2L << 30;

    /// <summary>Path of a folder that is not there yet.</summary>
    public static string NewPath(string prefix) => Path.Combine(Parent(), $"{prefix}{Guid.NewGuid():n}");

    // Asked each time, for others fill it too. A container has 64 MB of it unless told otherwise.
    private static string Parent()
    {
        const string memory = "/dev/shm";
        try
        {
            return OperatingSystem.IsLinux() && Directory.Exists(memory) && new DriveInfo(memory).AvailableFreeSpace >= Room ? memory : Path.GetTempPath();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Path.GetTempPath();
        }
    }
}
