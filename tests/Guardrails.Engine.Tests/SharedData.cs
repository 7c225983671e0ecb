namespace Gateway.Guardrails.Engine.Tests;

/// <summary>The folder of recorded data beside the project; tests that need it skip where it is absent.</summary>
internal static class SharedData
{
    public static string Root { get; } = Find();

    public static bool IsPresent => Directory.Exists(Root);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return Path.Combine(folder.Parent!.FullName, "shared", "data");
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "shared", "data");
    }
}
