using Gateway.Testing;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>Where things lie: the open sets beside the project, the results in it.</summary>
internal static class Data
{
    /// <summary>The open sets.</summary>
    public static string Shared { get; } = SourceTree.SharedData;

    /// <summary>The committed results.</summary>
    public static string Results { get; } = Path.Combine(Root, "benchmarks", "results");

    /// <summary>The project.</summary>
    public static string Root => SourceTree.Root ?? Directory.GetCurrentDirectory();
}
