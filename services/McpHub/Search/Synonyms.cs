using System.Collections.Frozen;

namespace Gateway.McpHub.Search;

/// <summary>Words that people and tools use for the same thing. What a question says in one of them is looked for in the others too, at less weight.</summary>
internal static class Synonyms
{
    // What is done.
    private static readonly string[] Actions =
    [
        "get fetch retrieve read show view obtain load give return display describe",
        "list enumerate all show get browse",
        "search find query locate lookup look discover match",
        "create add make new insert build generate compose compile produce prepare draft",
        "write save store export put record persist insert populate append",
        "update edit modify change set patch adjust",
        "rename move",
        "delete remove drop erase destroy archive trash",
        "clear empty wipe",
        "send post publish submit",
        "reply respond answer",
        "upload import attach",
        "download export fetch",
        "copy duplicate clone",
        "merge combine join",
        "cancel abort stop",
        "start begin launch run execute trigger",
        "run execute invoke query",
        "schedule book plan",
        "invite add share",
        "share permission access grant",
        "convert transform translate",
        "count number total aggregate sum",
        "navigate open visit goto browse",
        "click press tap",
        "fill type enter input",
        "compare analyze analyse review check confirm verify categorize classify summarize",
        "map crawl scrape extract",
        "enable activate",
        "disable deactivate",
        "resolve close complete finish",
        "assign unassign",
    ];

    // What it is done to.
    private static readonly string[] Things =
    [
        "folder directory dir",
        "file document",
        "doc document page",
        "spreadsheet sheet excel",
        "row record entry line",
        "table database sql schema",
        "column field property attribute",
        "schema structure definition column",
        "repository repo",
        "pr pull",
        "issue ticket bug task",
        "event meeting appointment",
        "profile user account me member",
        "person people contact lead",
        "company organization organisation business account",
        "info information detail metadata about status",
        "size storage space quota usage",
        "web internet online website site page url",
        "scrape extract crawl content",
        "summary research overview",
        "news current latest recent",
        "comment note remark feedback",
        "history version revision",
        "picture image photo screenshot media",
        "email mail message",
        "chat message conversation",
        "free available availability slot",
        "tag label",
        "front frontpage top",
        "code source",
        "team group",
    ];

    private static readonly FrozenSet<string> ActionWords = Actions.SelectMany(static g => g.Split(' ')).Select(Words.Stem).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string[]> Of = Build();

    /// <summary>Other words for one, in their common form; none for a word that has none.</summary>
    public static IReadOnlyList<string> For(string stem) => Of.GetValueOrDefault(stem, []);

    /// <summary>True for a word that says that something is run.</summary>
    public static bool IsRunning(string stem) => stem is "execut" or "run" or "invok" or "evaluat" or "query";

    /// <summary>True for a word that says that it may be anything.</summary>
    public static bool IsAnything(string stem) => stem is "raw" or "arbitrary" or "custom" or "sql" or "graphql" or "shell" or "script" or "command";

    /// <summary>True for a word that says what is to be done.</summary>
    public static bool IsAction(string stem) => ActionWords.Contains(stem);

    private static FrozenDictionary<string, string[]> Build()
    {
        var all = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var group in Actions.Concat(Things))
        {
            var stems = group.Split(' ').Select(Words.Stem).Distinct(StringComparer.Ordinal).ToList();
            foreach (var stem in stems)
            {
                if (!all.TryGetValue(stem, out var others))
                {
                    all[stem] = others = new HashSet<string>(StringComparer.Ordinal);
                }

                others.UnionWith(stems.Where(s => s != stem));
            }
        }

        return all.ToFrozenDictionary(static e => e.Key, static e => e.Value.ToArray(), StringComparer.Ordinal);
    }
}
