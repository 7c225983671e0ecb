using System.Collections.Frozen;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Code;

/// <summary>Finds source code. Windows of at most 1,024 characters are judged one by one.</summary>
public sealed class CodeDetector : IDetector
{
    private static readonly WindowCutter _windows = new(1_024, 256);
    private readonly FrozenSet<string> _kinds;

    private CodeDetector(FrozenSet<string> kinds) => _kinds = kinds;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "code",
        Summary = "Source code, by language.",
        Kinds = [.. CodeScorer.Kinds.Select(static k => new DetectorKind(k, k == "other" ? "code of another language" : $"code in {k}"))],
        Members = DetectorMembers.MinScore,
        FindsSpans = false,
        MinScore = 0.5,
        Create = static settings => new CodeDetector(settings.Kinds),
    };

    /// <inheritdoc />
    public string Name => "code";

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
            var (kind, score) = CodeScorer.Score(text.Text.Slice(at, length));
            if (_kinds.Contains(kind) && score > 0.05)
            {
                findings.Add(at, length, kind, score);
            }

            at += length;
        }

        return at;
    }
}
