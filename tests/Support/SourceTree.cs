namespace Gateway.Testing;

/// <summary>Finds what lies in the source tree and beside it. Tests and benchmarks run from a build folder inside of it.</summary>
internal static class SourceTree
{
    /// <summary>The folder of the solution; null where this runs elsewhere.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The folder of data sets beside the project, which may not be there: what needs it says so and does without.</summary>
    public static string SharedData { get; } = Path.Combine(Root is null ? AppContext.BaseDirectory : Path.GetDirectoryName(Root)!, "shared", "data");

    /// <summary>Full path of a file or folder of the tree.</summary>
    /// <exception cref="InvalidOperationException">This does not run inside of it.</exception>
    public static string PathOf(params ReadOnlySpan<string> relative) =>
        Path.Combine([Root ?? throw new InvalidOperationException("This runs from a build folder inside the source tree only."), .. relative]);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
