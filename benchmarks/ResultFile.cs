using Gateway.Testing;

namespace Gateway.Benchmarks;

/// <summary>The committed figures.</summary>
internal static class ResultFile
{
    /// <summary>The file with this name; null where the benchmark runs outside of the source tree.</summary>
    public static string? PathOf(string name) =>
        SourceTree.Root is { } root ? Path.Combine(Directory.CreateDirectory(Path.Combine(root, "benchmarks", "results")).FullName, name + ".txt") : null;
}
