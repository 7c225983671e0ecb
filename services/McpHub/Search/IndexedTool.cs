namespace Gateway.McpHub.Search;

/// <summary>What is worked out of a tool once: its words by field, and its meaning as soon as there is one.</summary>
internal sealed class IndexedTool
{
    private const int LongestMeaning = 300;
    private const int MostFirstWords = 24;

    private float[]? vector;

    public IndexedTool(SearchTool tool)
    {
        Fingerprint = tool.Fingerprint;
        Server = [.. Words.Of(tool.Server)];
        Name = [.. Words.Of(tool.Name)];
        var said = Words.Of(tool.Description);
        Description = [.. said.Take(MostFirstWords)];
        More = [.. said.Skip(MostFirstWords).Distinct(StringComparer.Ordinal)];
        Parameters = [.. tool.Parameters.SelectMany(Words.Of)];
        ServerName = Joined(tool.Server);
        FullName = Joined(tool.Name);
        var own = Name.Where(w => !Server.Contains(w, StringComparer.Ordinal) && w != ServerName).ToArray();
        OwnName = own.Length == 0 ? Name : own;
        Action = OwnName.Concat(Description.Take(1)).FirstOrDefault(Synonyms.IsAction);
        IsForAnything = Name.Concat(Description).Any(Synonyms.IsRunning) && Name.Concat(Description).Any(Synonyms.IsAnything);
        var meaning = $"{string.Join(' ', Server)}: {string.Join(' ', OwnName)}. {tool.Description}";
        Meaning = meaning.Length > LongestMeaning ? meaning[..LongestMeaning] : meaning;
    }

    public string Fingerprint { get; }

    public string[] Server { get; }

    public string[] Name { get; }

    public string[] Description { get; }

    /// <summary>What else the description says, after what tools begin with.</summary>
    public string[] More { get; }

    public string[] Parameters { get; }

    /// <summary>Whether it runs whatever it is given, such as a query or a command: then it does what no other tool of its server is for.</summary>
    public bool IsForAnything { get; }

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
}
