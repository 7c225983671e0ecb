using System.Collections.Frozen;
using System.Numerics;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Moderation;

/// <summary>
/// Finds harmful content by signs that stand together in a sentence. It knows words and their neighbourhood, not what is meant: a first sieve, quick and the same everywhere;
/// docs/guardrails-quality.md says how much it finds.
/// </summary>
public sealed class ModerationDetector : IDetector
{
    private const string Resource = "Gateway.Guardrails.Engine.Moderation.Lexicon.txt";
    private static readonly PhraseTree _lexicon = PhraseFile.Read(Resource, static name => Enum.TryParse<Sign>(name, true, out var sign) ? (ulong)sign : 0);
    private static readonly WindowCutter _windows = new(768, 256);
    private readonly FrozenSet<string> _kinds;

    private ModerationDetector(FrozenSet<string> kinds) => _kinds = kinds;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "moderation",
        Summary = "Harmful content by category, from words and what stands with them in a sentence.",
        Kinds =
        [
            new(ModerationRules.Hate, "degrading people for what they are"),
            new(ModerationRules.HateThreatening, "calling for violence against such people"),
            new(ModerationRules.Harassment, "insults at somebody"),
            new(ModerationRules.Threatening, "threats against somebody"),
            new(ModerationRules.SelfHarm, "suicide, self-harm, eating disorders"),
            new(ModerationRules.SelfHarmIntent, "somebody who means to harm themselves"),
            new(ModerationRules.SelfHarmInstructions, "how to harm oneself"),
            new(ModerationRules.Sexual, "sexual content"),
            new(ModerationRules.SexualMinors, "sexual content with minors"),
            new(ModerationRules.Violence, "violence that is meant or praised"),
            new(ModerationRules.ViolenceGraphic, "violence in gory detail"),
            new(ModerationRules.Illicit, "how to commit crimes, get drugs"),
            new(ModerationRules.IllicitViolent, "how to make weapons or commit violent crimes"),
        ],
        Members = DetectorMembers.Allow | DetectorMembers.MinScore,
        MinScore = 0.5,
        Create = static settings => new ModerationDetector(settings.Kinds),
    };

    /// <inheritdoc />
    public string Name => "moderation";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => _windows.Length;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var at = text.From;
        var verdicts = new List<Verdict>();
        while (at < text.Text.Length && _windows.Next(text, at) is > 0 and var length)
        {
            Judge(text.Text.Slice(at, length), at, verdicts, findings);
            at += length;
        }

        return at;
    }

    private void Judge(ReadOnlySpan<char> window, int offset, List<Verdict> verdicts, FindingSink findings)
    {
        using var folded = TextFolder.Fold(window);
        for (var sentence = Sentences.Next(window, folded.Text, 0, folded); sentence.End > sentence.Start; sentence = Sentences.Next(window, folded.Text, sentence.End, folded))
        {
            var (signs, explicitCount, weakCount) = Read(folded.Text[..sentence.End], sentence.Start);
            if (signs == Sign.None)
            {
                continue;
            }

            verdicts.Clear();
            ModerationRules.Judge(signs, explicitCount, weakCount, verdicts);
            var start = folded.Origin(sentence.Start);
            foreach (var (category, score) in verdicts)
            {
                if (_kinds.Contains(category))
                {
                    findings.Add(offset + start, folded.Origin(sentence.End) - start, category, Math.Round(score, 2));
                }
            }
        }
    }

    private static (Sign Signs, int Explicit, int Weak) Read(ReadOnlySpan<char> text, int from)
    {
        var (signs, explicitCount, weakCount, before) = (0UL, 0, 0, (byte)0);
        for (var i = from; i < text.Length; i++)
        {
            var kind = CharClass.Table[text[i]];
            if ((before & CharClass.Word) == 0 || (kind & CharClass.Anywhere) != 0)
            {
                var found = _lexicon.Match(text, i, out _);
                signs |= found;
                explicitCount += BitOperations.PopCount(found & (ulong)Sign.SexExplicit);
                weakCount += BitOperations.PopCount(found & (ulong)Sign.SexWeak);
            }

            before = kind;
        }

        return ((Sign)signs, explicitCount, weakCount);
    }
}
