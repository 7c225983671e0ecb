namespace Gateway.Edge.Tests.Configuration;

/// <summary>Finds files of the source tree that tests are about.</summary>
internal static class RepositoryFiles
{
    public static string PathOf(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return Path.Combine(folder.FullName, relative);
            }
        }

        throw new InvalidOperationException("Tests run from a build folder inside the source tree.");
    }
}
