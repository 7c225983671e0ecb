namespace Gateway.ControlPlane.LocalFiles;

/// <summary>Files that only their owner may read and write.</summary>
internal static class OwnerOnly
{
    /// <summary>Gives a file that is made by these options its owner's mode alone. A file that is there keeps the mode that it has.</summary>
    public static FileStreamOptions ForOwnerOnly(this FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
