using System.Reflection;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>The words this detector knows, read once from the lists that come with it.</summary>
internal sealed class Lexicon
{
    private const int LongestWord = 24;

    private static readonly Lazy<Lexicon> _default = new(static () => new Lexicon());

    private readonly WordTable<Entry> _words;
    private readonly WordTable<Phrase> _phrases;

    private Lexicon()
    {
        var words = new Dictionary<string, Entry>(50_000, StringComparer.Ordinal);
        var phrases = new Dictionary<string, WordClass>(StringComparer.Ordinal);
        Read("common.txt", words, phrases, static _ => (WordClass.Common, Cue.None));
        Read("notable.txt", words, phrases, static _ => (WordClass.Notable, Cue.None));
        Read("names.txt", words, phrases, static s => (s == "given" ? WordClass.Given : WordClass.Surname, Cue.None));
        Read("places.txt", words, phrases, static s => (s switch { "nationality" => WordClass.Nationality, "organization" => WordClass.Organization, "state" => WordClass.Place | WordClass.State, _ => WordClass.Place }, Cue.None));
        Read("words.txt", words, phrases, static s => (ClassOf(s), Cue.None));
        Read("cues.txt", words, phrases, static s => (WordClass.None, Enum.Parse<Cue>(s.Replace("_", "", StringComparison.Ordinal), ignoreCase: true)));
        foreach (var particle in new[] { "van", "von", "de", "der", "den", "da", "di", "dos", "del", "della", "la", "le", "du", "al", "el", "bin", "ibn", "ter", "ten", "zu", "af", "av", "y", "e", "st" })
        {
            Add(words, particle, WordClass.NameParticle, Cue.None);
        }

        foreach (var scheme in new[] { "http", "https", "ftp", "ftps", "sftp", "ws", "wss", "www", "file" })
        {
            Add(words, scheme, WordClass.Url, Cue.None);
        }

        _words = new WordTable<Entry>(words);
        _phrases = new WordTable<Phrase>(WithBeginnings(phrases));
    }

    public static Lexicon Default => _default.Value;

    /// <summary>What is known of a word.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="length">Its length.</param>
    public (WordClass Class, Cue Cue) Find(ulong hash, int length)
    {
        if (length > LongestWord)
        {
            return default;
        }

        var entry = _words.Find(hash);
        return (entry.Class, entry.Cue);
    }

    /// <summary>What is known of several words.</summary>
    /// <param name="hash">The hash of them, with single spaces.</param>
    public Phrase FindPhrase(ulong hash) => _phrases.Find(hash);

    // Each name of several words, and what it begins with.
    private static Dictionary<string, Phrase> WithBeginnings(Dictionary<string, WordClass> phrases)
    {
        var all = new Dictionary<string, Phrase>(StringComparer.Ordinal);
        foreach (var (phrase, found) in phrases)
        {
            all[phrase] = all.GetValueOrDefault(phrase) with { Class = found };
            for (var end = phrase.LastIndexOf(' '); end > 0; end = phrase.LastIndexOf(' ', end - 1))
            {
                all[phrase[..end]] = all.GetValueOrDefault(phrase[..end]) with { GoesOn = true };
            }
        }

        return all;
    }

    private static WordClass ClassOf(string section) => section switch
    {
        "honorific" => WordClass.Honorific,
        "degree" => WordClass.Degree,
        "organization_suffix" => WordClass.OrganizationSuffix,
        "street" => WordClass.Street,
        "street_prefix" => WordClass.StreetPrefix,
        "unit" => WordClass.Unit,
        "weekday" => WordClass.Weekday,
        "month" => WordClass.Month,
        _ => WordClass.None,
    };

    private static void Read(string file, Dictionary<string, Entry> words, Dictionary<string, WordClass> phrases, Func<string, (WordClass, Cue)> meaning)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Gateway.Guardrails.Engine.Pii.{file}")!;
        using var reader = new StreamReader(stream);
        var (found, cue) = (WordClass.None, Cue.None);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Length == 0)
            {
                continue;
            }

            if (line.EndsWith(':'))
            {
                (found, cue) = meaning(line[..^1]);
                continue;
            }

            foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                // «charlotte_nc» and the like tell apart what would be two entries of one word.
                var parts = word.Split('_', '-', '&', '\'', '.').Where(static p => p.Length > 0).ToArray();
                if (parts.Length > 1)
                {
                    phrases[string.Join(' ', parts)] = found;
                    Add(words, parts[0], WordClass.Phrase, Cue.None);
                }
                else
                {
                    Add(words, parts[0], found, cue);
                }
            }
        }
    }

    private static void Add(Dictionary<string, Entry> words, string word, WordClass found, Cue cue)
    {
        var known = words.GetValueOrDefault(word);
        words[word] = new Entry(known.Class | found, known.Cue | cue);
    }

    /// <summary>A name of several words, or the first of one.</summary>
    /// <param name="Class">What it is; none where it is only how others begin.</param>
    /// <param name="GoesOn">Whether there are longer ones that begin so.</param>
    public readonly record struct Phrase(WordClass Class, bool GoesOn);

    private readonly record struct Entry(WordClass Class, Cue Cue);
}
