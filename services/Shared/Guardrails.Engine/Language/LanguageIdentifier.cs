using System.Collections.Frozen;
using System.Reflection;
using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Language;

/// <summary>
/// Says in which language a text is: by its script where a script has one language, else by the words that every sentence has. Knows what it cannot say: short texts and names
/// have a low score.
/// </summary>
public static class LanguageIdentifier
{
    private const string Resource = "Gateway.Guardrails.Engine.Language.Profiles.txt";
    private const int MinLetters = 2;
    private static readonly (string Code, Script Script)[] _profiles;
    private static readonly FrozenDictionary<uint, ulong> _words;
    private static readonly FrozenDictionary<char, ulong> _letters;

    static LanguageIdentifier()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new StreamReader(stream);
        var (profiles, words, letters) = (new List<(string, Script)>(), new Dictionary<uint, ulong>(), new Dictionary<char, ulong>());
        var code = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                code = line[1..^1];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var bit = 1UL << profiles.Count;
                profiles.Add((code, Scripts.Of(line[0])));
                foreach (var entry in line.Split([' ', '+'], StringSplitOptions.RemoveEmptyEntries))
                {
                    words[Hash(entry)] = words.GetValueOrDefault(Hash(entry)) | bit;
                }

                foreach (var part in line.Split('+').Skip(1).Where(static p => p.Trim().Length == 1))
                {
                    letters[part.Trim()[0]] = letters.GetValueOrDefault(part.Trim()[0]) | bit;
                }
            }
        }

        _profiles = [.. profiles];
        _words = words.ToFrozenDictionary();
        _letters = letters.ToFrozenDictionary();
        All = [.. _profiles.Select(static p => p.Code).Concat(Scripts.Languages).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>ISO 639-1 codes of the languages that it knows.</summary>
    public static IReadOnlyList<string> All { get; }

    /// <summary>The language of a text.</summary>
    /// <param name="text">The text; some hundred characters are enough.</param>
    /// <returns>The code and how sure it is, 0 to 1; an empty code where there are no letters.</returns>
    public static (string Code, double Score) Identify(ReadOnlySpan<char> text)
    {
        Span<int> scripts = stackalloc int[Scripts.Count];
        Span<float> scores = stackalloc float[64];
        scripts.Clear();
        scores.Clear();
        var (letters, wordCount, start) = (0, 0, -1);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? char.ToLowerInvariant(text[i]) : ' ';
            if (CharClass.IsWord(c) && !char.IsDigit(c))
            {
                start = start < 0 ? i : start;
                scripts[(int)Scripts.Of(c)]++;
                letters++;
                if (c >= 0x80 && _letters.TryGetValue(c, out var of))
                {
                    Add(scores, of, 1f / (1 + System.Numerics.BitOperations.PopCount(of)));
                }
            }
            else if (start >= 0)
            {
                wordCount++;
                if (_words.TryGetValue(Hash(text[start..i]), out var of))
                {
                    // A word that many languages have says less.
                    Add(scores, of, 1.4f / (1 + System.Numerics.BitOperations.PopCount(of)));
                }

                start = -1;
            }
        }

        if (letters < MinLetters)
        {
            return ("", 0);
        }

        var script = Main(scripts);
        var share = scripts[(int)script] / (double)letters;
        return Scripts.LanguageOf(script, scripts) is { } only ? (only, Math.Round(0.6 + (0.4 * share) - (letters < 4 ? 0.2 : 0), 2)) : Best(scores, script, wordCount);
    }

    private static (string Code, double Score) Best(ReadOnlySpan<float> scores, Script script, int words)
    {
        var (best, second, code) = (0f, 0f, "");
        for (var i = 0; i < _profiles.Length; i++)
        {
            if (_profiles[i].Script != script)
            {
                continue;
            }

            if (scores[i] > best)
            {
                (second, best, code) = (best, scores[i], _profiles[i].Code);
            }
            else if (scores[i] > second)
            {
                second = scores[i];
            }
        }

        if (best <= 0)
        {
            return ("", 0);
        }

        // How far ahead it is, and how much of the text it explains.
        var ahead = (best - second) / best;
        var explained = Math.Min(1, best / Math.Max(1, words) / 0.2);
        var enough = Math.Min(1, best / 1.5);
        return (code, Math.Round(Math.Clamp((0.35 * ahead) + (0.35 * explained) + (0.3 * enough), 0, 1), 2));
    }

    private static Script Main(ReadOnlySpan<int> scripts)
    {
        var main = 0;
        for (var i = 1; i < scripts.Length; i++)
        {
            main = scripts[i] > scripts[main] ? i : main;
        }

        // Kana among characters is Japanese, and characters among Hangul are Korean, whichever there are more of.
        return scripts[(int)Script.Kana] > 0 && main == (int)Script.Han && scripts[(int)Script.Kana] * 8 > scripts[(int)Script.Han] ? Script.Kana : (Script)main;
    }

    private static void Add(Span<float> scores, ulong of, float value)
    {
        for (; of != 0; of &= of - 1)
        {
            scores[System.Numerics.BitOperations.TrailingZeroCount(of)] += value;
        }
    }

    private static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = 2166136261u;
        foreach (var c in word)
        {
            hash = (hash ^ char.ToLowerInvariant(c)) * 16777619u;
        }

        return hash;
    }
}
