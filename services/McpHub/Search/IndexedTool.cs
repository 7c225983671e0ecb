namespace Gateway.McpHub.Search;

/// <summary>What is worked out of a tool once: its words by field, and its meaning as soon as there is one.</summary>
internal sealed class IndexedTool
{
    private const int LongestMeaning = 600;

    private float[]? vector;

    public IndexedTool(SearchTool tool)
    {
        Fingerprint = tool.Fingerprint;
        Server = [.. Words.Of(tool.Server)];
        Name = [.. Words.Of(tool.Name)];
        Description = [.. Words.Of(tool.Description)];
        Parameters = [.. tool.Parameters.SelectMany(Words.Of)];
        ServerName = Joined(tool.Server);
        FullName = Joined(tool.Name);
        var own = Name.Except(Server, StringComparer.Ordinal).ToArray();
        OwnName = own.Length == 0 ? Name : own;
        Action = OwnName.Concat(Description.Take(1)).FirstOrDefault(Synonyms.IsAction);
        var said = $"{string.Join(' ', Server)}: {Readable(tool.Name)}. {tool.Description}";
        Meaning = said.Length > LongestMeaning ? said[..LongestMeaning] : said;
    }

    public string Fingerprint { get; }

    public string[] Server { get; }

    public string[] Name { get; }

    public string[] Description { get; }

    public string[] Parameters { get; }

    /// <summary>The name's words that are not its server's too.</summary>
    public string[] OwnName { get; }

    /// <summary>What it does, by the first word that says so; null where none does.</summary>
    public string? Action { get; }

    /// <summary>The server's name in small letters without what is between them.</summary>
    public string ServerName { get; }

    /// <summary>The tool's name likewise.</summary>
    public string FullName { get; }

    /// <summary>The text whose meaning stands for the tool's.</summary>
    public string Meaning { get; }

    /// <summary>The meaning, of length 1; null until it is worked out.</summary>
    public float[]? Vector
    {
        get => Volatile.Read(ref vector);
        set => Volatile.Write(ref vector, value);
    }

    /// <summary>Small letters and digits of a text, without what is between them.</summary>
    public static string Joined(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string Readable(string name) => string.Join(' ', Words.Of(name));
}
