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
        var source = text.Facts.Source is GuardSource.Tool or GuardSource.Document || text.Facts.Place == GuardrailScope.ToolResult ? TextSource.Data : TextSource.Person;
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

    private void Add(in InjectionScore score, int at, FindingSink findings)
    {
        // One finding for each window: of the kinds that count the one that scores highest.
        var (kind, best) = (Direct, -1f);
        foreach (var (name, value) in new (string, float)[] { (Indirect, score.Indirect), (Jailbreak, score.Jailbreak), (Direct, score.Direct) })
        {
            if (value > best && _kinds.Contains(name))
            {
                (kind, best) = (name, value);
            }
        }

        if (best >= 0.05f && score.Length > 0)
        {
            findings.Add(at + score.Start, score.Length, kind, Math.Round(best, 4));
        }
    }
}
