using System.Text.RegularExpressions;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Regexes;

/// <summary>
/// Finds what regular expressions match, in linear time. The text is looked at in frames of a fixed length, each together with the next one, so that what is found does not
/// depend on how a stream was cut. A match is found whole up to the length of a frame, which is the longest match of the patterns where they have one.
/// </summary>
public sealed class RegexDetector : IDetector
{
    /// <summary>The longest frame: matches of patterns without a bound are found up to this length, and up to twice of it where they begin early in their frame.</summary>
    public const int LongestFrame = 256;

    private const int ShortestFrame = 16;
    private const int ContextBefore = 100;
    private const int ContextAfter = 50;
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "regex",
        Summary = "Regular expressions without look-around and back-references, matched in linear time; «(?i)» for any case.",
        Members = DetectorMembers.Patterns | DetectorMembers.Context | DetectorMembers.Allow,
        Required = DetectorMembers.Patterns,
        Create = static settings => TryCompile(settings, out var patterns) ? new RegexDetector("regex", "match", patterns, settings.Rule.Context) : null,
    };

    private readonly IReadOnlyList<Regex> _patterns;
    private readonly IReadOnlyList<string> _context;
    private readonly string _kind;
    private readonly int _frame;

    /// <summary>A detector.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">The kind of its findings.</param>
    /// <param name="patterns">The patterns.</param>
    /// <param name="context">Words of which one must stand near a match; empty: none need to.</param>
    internal RegexDetector(string name, string kind, IReadOnlyList<Regex> patterns, IReadOnlyList<string> context)
    {
        Name = name;
        _kind = kind;
        _patterns = patterns;
        _context = context;
        _frame = Math.Clamp(patterns.Select(static p => PatternLength.Most(p.ToString())).DefaultIfEmpty(ShortestFrame).Max(), ShortestFrame, LongestFrame);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public int Lookbehind => _context.Count > 0 ? ContextBefore + 1 : 1;

    /// <inheritdoc />
    public int Window => (_frame * 3) + (_context.Count > 0 ? ContextAfter : 0);

    /// <summary>Compiles the patterns of a rule, or says what is wrong with them.</summary>
    internal static bool TryCompile(DetectorSettings settings, out IReadOnlyList<Regex> patterns)
    {
        var compiled = new List<Regex>();
        for (var i = 0; i < settings.Rule.Patterns.Count; i++)
        {
            try
            {
                compiled.Add(new Regex(settings.Rule.Patterns[i], Linear));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                settings.Problem($"patterns[{i}]", e is NotSupportedException
                    ? "It cannot be matched in linear time: look-around, back-references, atomic groups and conditions are not available, and very large repetitions neither."
                    : $"It is no regular expression: {e.Message}");
            }
        }

        patterns = compiled;
        return compiled.Count == settings.Rule.Patterns.Count;
    }

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var all = text.Text;
        var after = _context.Count > 0 ? ContextAfter : 0;

        // Frames begin at multiples of their length in the whole text, which is where the last call left off.
        for (var frame = text.From; frame < all.Length; frame += _frame)
        {
            var end = frame + (_frame * 2);
            if (end + after > all.Length && !text.IsComplete)
            {
                return frame;
            }

            Look(all, frame, Math.Min(end, all.Length), findings);
        }

        return all.Length;
    }

    private void Look(ReadOnlySpan<char> text, int frame, int end, FindingSink findings)
    {
        // One character before, for word boundaries and beginnings of lines.
        var start = Math.Max(0, frame - 1);
        foreach (var pattern in _patterns)
        {
            foreach (var match in pattern.EnumerateMatches(text[start..end], frame - start))
            {
                if (match.Index + start >= frame + _frame || findings.IsFull)
                {
                    break;
                }

                if (match.Length > 0 && HasContext(text, match.Index + start, match.Index + start + match.Length))
                {
                    findings.Add(match.Index + start, match.Length, _kind);
                }
            }
        }
    }

    private bool HasContext(ReadOnlySpan<char> text, int start, int end)
    {
        if (_context.Count == 0)
        {
            return true;
        }

        // As far after as every frame is sure to see, however long the match is.
        var before = text[Math.Max(0, start - ContextBefore)..start];
        var after = text[end..Math.Min(text.Length, Math.Min(end, start + ContextAfter) + Math.Max(0, Math.Min(ContextAfter, start + ContextAfter - end)))];
        foreach (var word in _context)
        {
            if (before.Contains(word, StringComparison.OrdinalIgnoreCase) || after.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
