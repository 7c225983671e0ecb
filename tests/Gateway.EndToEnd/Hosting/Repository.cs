namespace Gateway.EndToEnd.Hosting;

/// <summary>Where things lie in the source tree and in its build output.</summary>
internal static class Repository
{
    // tests/Gateway.EndToEnd/bin/<configuration>/<framework>/ is where this runs.
    private static readonly DirectoryInfo _here = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static readonly string _root = _here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    public static string PathOf(string relative) => Path.Combine(_root, relative);

    public static string Built(string project, string assembly) => Path.Combine(_root, project, "bin", _here.Parent!.Name, _here.Name, assembly);

    /// <summary>Full path of a program, or null when it is not on PATH.</summary>
    public static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => (string[])[Path.Combine(folder, program), Path.Combine(folder, program + ".exe")])
            .FirstOrDefault(File.Exists);
}
