using Gateway.Recordings.Sources;

namespace Gateway.Recordings;

/// <summary>A file of the recordings and what became of it.</summary>
/// <param name="Path">Its path below the folder of recordings, with slashes.</param>
/// <param name="Recordings">How many interactions it holds.</param>
/// <param name="ExcludedBecause">Why it holds none.</param>
public sealed record CorpusFile(string Path, int Recordings, string? ExcludedBecause);

/// <summary>Every recorded interaction with a provider that lies beside the project.</summary>
public sealed class Corpus
{
    private static readonly Lazy<Corpus> _all = new(static () => Load(FindRoot()));

    private readonly Dictionary<string, Recording> _byId;

    private Corpus(IReadOnlyList<Recording> recordings, IReadOnlyList<CorpusFile> files)
    {
        Recordings = recordings;
        Files = files;
        _byId = recordings.ToDictionary(r => r.Id, StringComparer.Ordinal);
    }

    /// <summary>The folder of recordings.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Whether the recordings are on this machine; tests skip, saying so, where they are not.</summary>
    public static bool IsPresent => Directory.Exists(Root);

    /// <summary>Everything, read once per process; empty where the folder is absent.</summary>
    public static Corpus All => _all.Value;

    /// <summary>The recordings in the order of their ids.</summary>
    public IReadOnlyList<Recording> Recordings { get; }

    /// <summary>Every file, loaded or not.</summary>
    public IReadOnlyList<CorpusFile> Files { get; }

    /// <summary>The recordings that answer a chat request and are to be used.</summary>
    public IEnumerable<Recording> Chats => Recordings.Where(r => r.IsUsableChat);

    /// <summary>The recording of an id; null when there is none.</summary>
    public Recording? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Reads a folder laid out like the shared one.</summary>
    public static Corpus Load(string root)
    {
        var recordings = new List<Recording>();
        var files = new List<CorpusFile>();
        if (Directory.Exists(root))
        {
            foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var path = Path.GetRelativePath(root, file).Replace('\\', '/');
                var before = recordings.Count;
                var excluded = Read(path, file, recordings);
                files.Add(new CorpusFile(path, recordings.Count - before, excluded));
            }
        }

        return new Corpus(recordings, files);
    }

    private static string? Read(string path, string file, List<Recording> to)
    {
        if (CorpusExclusions.NotARecording(path) is { } reason)
        {
            return reason;
        }

        var source = path[..path.IndexOf('/', StringComparison.Ordinal)];
        IEnumerable<Recording>? read = source switch
        {
            "vercel-ai" => VercelFixtures.Read(path, File.ReadAllBytes(file)),
            "fantasy" or "envoy-ai-gateway" => GoVcrCassettes.Read(path, file),
            "openai-dotnet" => OpenAIDotnetSessions.Read(path, File.ReadAllBytes(file)),
            "prism-php" => PrismFixtures.Read(path, File.ReadAllBytes(file)),
            "anthropic-sdk" => AnthropicSdkFixtures.Read(path, File.ReadAllBytes(file)),
            _ => null,
        };
        if (read is null)
        {
            return "a folder this library does not know";
        }

        var before = to.Count;
        to.AddRange(read.Select(r => r with { ExcludedBecause = r.ExcludedBecause ?? CorpusExclusions.OfRecording(r) }));
        return to.Count == before ? "a session without any interaction" : null;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return Path.Combine(folder.Parent!.FullName, "shared", "data", "recorded");
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "shared", "data", "recorded");
    }
}
