namespace Gateway.Benchmarks.Guardrails;

/// <summary>Where things lie: the open sets beside the project, the results in it.</summary>
internal static class Data
{
    private static readonly DirectoryInfo _root = FindRoot();

    /// <summary>The open sets.</summary>
    public static string Shared { get; } = Path.Combine(_root.Parent!.FullName, "shared", "data");

    /// <summary>The committed results.</summary>
    public static string Results { get; } = Path.Combine(_root.FullName, "benchmarks", "results");

    /// <summary>The project.</summary>
    public static string Root => _root.FullName;

    private static DirectoryInfo FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return folder;
            }
        }

        return new DirectoryInfo(Directory.GetCurrentDirectory());
    }
}
