using Gateway.Edge.Configuration.Building;
using Gateway.Edge.Configuration.Yaml;

namespace Gateway.Edge.Configuration;

/// <summary>The configuration file of an edge that runs alone.</summary>
internal static class GatewayFile
{
    /// <summary>Reads and checks a file; every error is found in one go. Does not throw for anything the file may hold.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What it may refer to; null for this process's environment.</param>
    public static GatewayFileResult Load(string path, GatewayFileOptions? options = null)
    {
        var full = Path.GetFullPath(path);
        string text;
        try
        {
            text = File.ReadAllText(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(new ConfigurationProblem("", 0, 0, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "The file does not exist. docs/gateway.example.yaml is one to start from.",
                UnauthorizedAccessException => "The file cannot be read: access is denied or it is a folder.",
                _ => "The file cannot be read: input/output error.",
            }));
        }

        return Parse(text, (options ?? new GatewayFileOptions()) with { BaseDirectory = Path.GetDirectoryName(full) ?? full });
    }

    /// <summary>Checks the text of a file; see <see cref="Load"/>.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="options">What it may refer to; null for this process's environment.</param>
    public static GatewayFileResult Parse(string text, GatewayFileOptions? options = null)
    {
        var errors = new List<ConfigurationProblem>();
        var root = YamlReader.Read(text, errors);
        return root is null && errors.Count > 0
            ? new GatewayFileResult { Errors = errors }
            : SnapshotBuilder.Build(root, options ?? new GatewayFileOptions(), errors);
    }

    private static GatewayFileResult Failed(ConfigurationProblem problem) => new() { Errors = [problem] };
}
