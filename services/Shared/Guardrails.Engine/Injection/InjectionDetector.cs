using System.Collections.Frozen;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// Finds prompt injection and jailbreaks. What people write is judged for all three kinds; what tools and documents bring is data, which has no orders to give, and is judged more
/// strictly. Windows of at most 2,048 characters are judged one by one.
/// </summary>
public sealed class InjectionDetector : IDetector
{
    private const string Direct = "direct";
    private const string Indirect = "indirect";
    private const string Jailbreak = "jailbreak";
    private readonly FrozenSet<string> _kinds;

    private InjectionDetector(FrozenSet<string> kinds) => _kinds = kinds;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "injection",
        Summary = "Prompt injection and jailbreaks, by rules and a model over normalised and decoded text; the score is 0.5 where the tuned threshold lies.",
        Kinds =
        [
            new(Direct, "orders that set aside the model's instructions or ask for its secrets"),
            new(Indirect, "orders to the model inside data: documents, pages, results of tools"),
            new(Jailbreak, "parts to play, modes and stories by which the model is to leave its rules"),
        ],
        Members = DetectorMembers.Allow | DetectorMembers.MinScore,
        Places = [GuardrailScope.Input, GuardrailScope.ToolResult, GuardrailScope.Mcp],
        FindsSpans = false,
        MinScore = 0.5,
        Create = static settings => new InjectionDetector(settings.Kinds),
    };

    /// <summary>What policies know of the second tier, which callers of the engine run: it takes tens of milliseconds.</summary>
    public static DetectorDescriptor DeepDescriptor { get; } = Descriptor with
    {
        Name = "injection_deep",
        Summary = "The same with a second tier: where the fast one is unsure a sentence encoder reads the text, in some tens of milliseconds.",
        Create = null,
    };

    /// <inheritdoc />
    public string Name => "injection";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => InjectionScorer.WindowLength;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var source = SourceOf(text.Facts.Source, text.Facts.Place);
        var at = text.From;
        while (at < text.Text.Length && InjectionScorer.Windows.Next(text, at) is > 0 and var length)
        {
            if (text.Facts.Source != GuardSource.System)
            {
                Add(InjectionScorer.ScoreWindow(text.Text.Slice(at, length), source), at, findings);
            }

            at += length;
        }

        return at;
    }

    /// <summary>What a text counts as, by who wrote it and where it stands.</summary>
    /// <param name="source">Who wrote it.</param>
    /// <param name="place">Where it stands.</param>
    public static TextSource SourceOf(GuardSource source, GuardrailScope place) => source is GuardSource.Tool or GuardSource.Document || place == GuardrailScope.ToolResult ? TextSource.Data : TextSource.Person;

    /// <summary>Of the kinds that count the one that scores highest; null where there is nothing to tell.</summary>
    /// <param name="score">The score.</param>
    /// <param name="kinds">The kinds that count.</param>
    public static (string? Kind, float Score) KindOf(in InjectionScore score, IReadOnlySet<string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        var (kind, best) = (default(string), 0f);
        foreach (var (name, value) in new (string, float)[] { (Indirect, score.Indirect), (Jailbreak, score.Jailbreak), (Direct, score.Direct) })
        {
            if (value > best && kinds.Contains(name))
            {
                (kind, best) = (name, value);
            }
        }

        return best >= 0.05f && score.Length > 0 ? (kind, best) : default;
    }

    // One finding for each window.
    private void Add(in InjectionScore score, int at, FindingSink findings)
    {
        if (KindOf(score, _kinds) is ({ } kind, var best))
        {
            findings.Add(at + score.Start, score.Length, kind, Math.Round(best, 4));
        }
    }
}
