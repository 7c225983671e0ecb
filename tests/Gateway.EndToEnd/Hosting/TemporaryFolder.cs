namespace Gateway.EndToEnd.Hosting;

/// <summary>A folder of its own for one gateway.</summary>
internal static class TemporaryFolder
{
    /// <summary>Makes one. A database server refuses to run as root and needs a way into it as somebody else.</summary>
    public static DirectoryInfo Create()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-e2e-");
        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        }

        return folder;
    }
}
