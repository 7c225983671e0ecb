using System.Text.Json;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.Search;
using Gateway.Testing;

namespace Gateway.Benchmarks.McpTools;

/// <summary>A catalogue of the shared data. Its tools have names, servers and descriptions, and no schemas.</summary>
internal sealed record Catalogue(string Name, IReadOnlyList<ProgramTool> Tools)
{
    private static readonly JsonElement NoSchema = JsonElement.Parse("{\"type\":\"object\"}");

    /// <summary>The tools as the search sees them.</summary>
    public IReadOnlyList<SearchTool> ForSearch { get; } = [.. Tools.Select(static t => new SearchTool(t.Server, t.Name, t.Description ?? "", [], $"{t.Server}/{t.Name}/{t.Description}"))];

    public bool Has(string name) => Tools.Any(t => Same(t.Name, name));

    /// <summary>Names are compared without regard to letters and separators: the questions write some of them otherwise than the catalogues.</summary>
    public static bool Same(string a, string b) => string.Equals(Plain(a), Plain(b), StringComparison.OrdinalIgnoreCase);

    public static Catalogue Read(string folder, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
        return new Catalogue(file, [.. document.RootElement.EnumerateArray().Select(static t =>
            new ProgramTool(t.GetProperty("server").GetString()!, t.GetProperty("tool_name").GetString()!, t.GetProperty("description").GetString(), NoSchema, null, 0))]);
    }

    private static string Plain(string name) => name.Replace('-', '_');
}

/// <summary>A question and the tools that answer it.</summary>
internal sealed record Question(string Id, string Difficulty, string Text, IReadOnlyList<string> Tools)
{
    public static IReadOnlyList<Question> Read(string folder, string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
        return [.. document.RootElement.EnumerateArray().Select(static q => new Question(
            q.GetProperty("id").GetString()!, q.GetProperty("difficulty").GetString()!, q.GetProperty("query").GetString()!, [.. q.GetProperty("expected_tools").EnumerateArray().Select(static t => t.GetString()!)]))];
    }

    public static string? Folder() => Path.Combine(SourceTree.SharedData, "mcp-tools") is var path && Directory.Exists(path) ? path : null;
}
