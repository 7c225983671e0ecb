using System.Collections.Frozen;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Language;

/// <summary>Finds text in certain languages, or in any but those of <c>allow</c>. Windows of at most 600 characters are judged one by one.</summary>
public sealed class LanguageDetector : IDetector
{
    private static readonly WindowCutter _windows = new(600, 200);
    private readonly FrozenSet<string> _kinds;

    private LanguageDetector(FrozenSet<string> kinds) => _kinds = kinds;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "language",
        Summary = "Text in the languages that a rule names, or in any but those that it allows.",
        Kinds = [.. LanguageIdentifier.All.Select(static code => new DetectorKind(code, $"text in the language {code}"))],
        Members = DetectorMembers.Allow | DetectorMembers.MinScore,
        FindsSpans = false,
        MinScore = 0.5,
        Create = static settings =>
        {
            for (var i = 0; i < settings.Rule.Allow.Count; i++)
            {
                if (!LanguageIdentifier.All.Contains(settings.Rule.Allow[i]))
                {
                    settings.Problem($"allow[{i}]", $"Not a language it knows: {string.Join(", ", LanguageIdentifier.All)}.");
                    return null;
                }
            }

            if (settings.Rule.Allow.Count == 0 && settings.Rule.Kinds.Count == 0)
            {
                settings.Problem("allow", "Name the languages that are allowed, or in kinds those that are to be found.");
                return null;
            }

            return new LanguageDetector(settings.Kinds.Except(settings.Rule.Allow).ToFrozenSet());
        },
    };

    /// <inheritdoc />
    public string Name => "language";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => _windows.Length;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var at = text.From;
        while (at < text.Text.Length && _windows.Next(text, at) is > 0 and var length)
        {
            var (code, score) = LanguageIdentifier.Identify(text.Text.Slice(at, length));
            if (_kinds.Contains(code))
            {
                findings.Add(at, length, code, score);
            }

            at += length;
        }

        return at;
    }
}
