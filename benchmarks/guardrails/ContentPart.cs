using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Code;
using Gateway.Guardrails.Engine.Language;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>Moderation, language and code: small sets written for this project, and plain text that nothing is to be found in.</summary>
internal static class ContentPart
{
    private const int PlainTexts = 3_000;

    public static QualityTable? Run(Options options)
    {
        var (text, figures) = (new StringBuilder(), new List<QualityFigure>());
        Moderation(options, text, figures);
        Language(options, text, figures);
        Code(text, figures);
        return new QualityTable(text.ToString(), figures);
    }

    private static void Moderation(Options options, StringBuilder text, List<QualityFigure> figures)
    {
        var policy = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "m", Rules = [new GuardrailRuleEntry { Detector = "moderation" }] }).Policy!;
        IReadOnlySet<string> Found(string sentence) => GuardEngine.Check([new GuardText(sentence, GuardrailScope.Input)], policy).Findings.Select(static f => f.Kind).ToHashSet(StringComparer.Ordinal);

        text.AppendLine("Moderation: own sentences, written after the lexicon").AppendLine($"{"category",-26}{"sentences",10}{"found",8}");
        var (hits, all) = (0, 0);
        foreach (var (name, sentences) in Lines("Moderation"))
        {
            var found = sentences.Count(s => name == "none" ? Found(s).Count > 0 : Found(s).Any(k => k.StartsWith(name.Split('_')[0], StringComparison.Ordinal)));
            text.AppendLine(CultureInfo.InvariantCulture, $"{name,-26}{sentences.Length,10}{found / (double)sentences.Length,8:P0}");
            if (name == "none")
            {
                figures.Add(new("moderation false alarms", found / (double)sentences.Length, true));
            }
            else
            {
                (hits, all) = (hits + found, all + sentences.Length);
            }

            foreach (var wrong in sentences.Where(s => (Found(s).Count > 0) == (name == "none")).Take(options.Errors))
            {
                Console.WriteLine($"{name}: {wrong} ({string.Join(", ", Found(wrong))})");
            }
        }

        figures.Add(new("moderation recall", hits / (double)all));
        var plain = Plain().ToArray();
        if (plain.Length > 0)
        {
            var flagged = plain.Where(p => Found(p).Count > 0).ToArray();
            text.AppendLine(CultureInfo.InvariantCulture, $"{"plain questions",-26}{plain.Length,10}{flagged.Length / (double)plain.Length,8:P1}");
            figures.Add(new("moderation plain questions", flagged.Length / (double)plain.Length, true));
            foreach (var wrong in flagged.Take(options.Errors))
            {
                Console.WriteLine($"plain: {wrong} ({string.Join(", ", Found(wrong))})");
            }
        }
    }

    private static void Language(Options options, StringBuilder text, List<QualityFigure> figures)
    {
        var (right, all, languages, unsure) = (0, 0, 0, 0);
        foreach (var (code, sentences) in Lines("Language"))
        {
            languages++;
            foreach (var sentence in sentences)
            {
                var (said, score) = LanguageIdentifier.Identify(sentence);
                all++;
                right += said == code ? 1 : 0;
                unsure += score < 0.5 ? 1 : 0;
                if (said != code && options.Errors > 0)
                {
                    Console.WriteLine($"{code} said {said} {score}: {sentence}");
                }
            }
        }

        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Language: {right} of {all} sentences right ({right / (double)all:P1}), {languages} languages, {unsure} below a score of 0.5; it knows {LanguageIdentifier.All.Count} languages");
        figures.Add(new("language accuracy", right / (double)all));
        var plain = Plain().Where(static p => p.Length > 30).ToArray();
        if (plain.Length > 0)
        {
            var english = plain.Count(static p => LanguageIdentifier.Identify(p) is ("en", >= 0.5)) / (double)plain.Length;
            var other = plain.Count(static p => LanguageIdentifier.Identify(p) is (not ("en" or ""), >= 0.5)) / (double)plain.Length;
            text.AppendLine(CultureInfo.InvariantCulture, $"plain English questions of more than 30 characters: {english:P1} English at 0.5, {other:P2} another language at 0.5");
            figures.Add(new("language plain English", english));
        }
    }

    private static void Code(StringBuilder text, List<QualityFigure> figures)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Data.Root, "services"), "*.cs", SearchOption.AllDirectories).Where(static f => !f.Contains("/obj/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(300)
            .Select(File.ReadAllText).Select(static t => t[Math.Min(t.Length / 3, 2_000)..]).Select(static t => t[..Math.Min(800, t.Length)]).Where(static t => t.Length > 200).ToArray();
        var prose = Directory.EnumerateFiles(Path.Combine(Data.Root, "docs"), "*.md").Order(StringComparer.Ordinal).SelectMany(static f => File.ReadAllText(f).Split("\n\n")).Where(static p => p.Length > 200 && !p.Contains("```", StringComparison.Ordinal) && !p.Contains('|')).ToArray();
        var (found, alarms) = (sources.Count(static s => CodeScorer.Score(s).Score >= 0.5) / (double)sources.Length, prose.Count(static p => CodeScorer.Score(p).Score >= 0.5) / (double)prose.Length);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Code: found in {found:P1} of {sources.Length} pieces of this project's sources, {alarms:P1} of {prose.Length} paragraphs of its documentation, 0.5 and above");
        figures.Add(new("code recall", found));
    }

    private static IEnumerable<string> Plain() => Training.OpenSets.Folder is null ? []
        : Training.OpenSets.All().Where(static e => e.Family == "plain questions").Take(PlainTexts).Select(static e => e.Text);

    private static IEnumerable<(string Name, string[] Sentences)> Lines(string folder) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, folder, "sentences.txt")).Where(static l => l.Length > 0 && l[0] != '#').Select(static l => (l[..l.IndexOf(' ')], l[(l.IndexOf(' ') + 1)..].Split('|')));
}
