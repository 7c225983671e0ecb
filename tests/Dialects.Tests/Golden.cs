using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Dialects.Tests;

/// <summary>
/// Compares output with files in <c>Golden/</c>. With the environment variable <c>GATEWAY_UPDATE_GOLDEN=1</c> the files are written instead: look at the
/// difference before committing it.
/// </summary>
internal static class Golden
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static bool Updating => Environment.GetEnvironmentVariable("GATEWAY_UPDATE_GOLDEN") == "1";

    /// <summary>The folder of golden files in the source tree.</summary>
    public static string Root { get; } = SourceTree.PathOf("tests", "Dialects.Tests", "Golden");

    /// <summary>A JSON body must equal the file <paramref name="name"/> (below <see cref="Root"/>, without extension), apart from white space.</summary>
    public static void CheckJson(string name, ReadOnlySpan<byte> actual)
    {
        var indented = JsonNode.Parse(actual)!.ToJsonString(_indented) + "\n";
        Check(name + ".json", indented);
    }

    /// <summary>A text, for example a stream of server-sent events, must equal the file <paramref name="name"/> (with extension).</summary>
    public static void CheckText(string name, ReadOnlySpan<byte> actual) => Check(name, Encoding.UTF8.GetString(actual));

    /// <summary>Reads an input file.</summary>
    public static byte[] Input(string name) => File.ReadAllBytes(Path.Combine(Root, name));

    /// <summary>The names of the input files in a folder, for a theory: paths below <see cref="Root"/> that end with <paramref name="suffix"/>, without it.</summary>
    public static TheoryData<string> Inputs(string folder, string suffix)
    {
        var names = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*" + suffix, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            names.Add(Path.GetRelativePath(Root, file).Replace('\\', '/')[..^suffix.Length]);
        }

        return names;
    }

    private static void Check(string name, string actual)
    {
        var path = Path.Combine(Root, name);
        if (Updating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{name} is missing: run once with GATEWAY_UPDATE_GOLDEN=1. It would be:\n{actual}");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
