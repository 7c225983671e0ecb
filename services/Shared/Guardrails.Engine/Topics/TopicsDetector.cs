using System.Collections.Frozen;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Topics;

/// <summary>Finds windows of text that are about a topic: by how many different words of it they have. Topics come along, or are given by their words in a rule.</summary>
public sealed class TopicsDetector : IDetector
{
    private const string Resource = "Gateway.Guardrails.Engine.Topics.Topics.txt";
    private const string Own = "term";
    private const int MaxHits = 32;
    private static readonly WindowCutter _windows = new(1_024, 256);
    private static readonly string[] _names = [.. PhraseFile.Sections(Resource).Select(static s => s.Name)];
    private static readonly PhraseTree _builtIn = PhraseFile.Read(Resource, static name => 1UL << Array.FindIndex(_names, n => n.Replace("_", "", StringComparison.Ordinal) == name));
    private readonly FrozenSet<string> _kinds;
    private readonly PhraseTree? _own;

    private TopicsDetector(FrozenSet<string> kinds, IReadOnlyList<string> terms)
    {
        _kinds = kinds;
        if (terms.Count > 0)
        {
            _own = new PhraseTree();
            foreach (var term in terms)
            {
                _own.Add(term, 1);
                Inflections.Add(_own, term);
            }
        }
    }

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "topics",
        Summary = "What a text is about: topics that come along, or the rule's own words in any of their endings.",
        Kinds = [.. _names.Select(static n => new DetectorKind(n, $"about {n.Replace('_', ' ')}", IsDefault: false)), new DetectorKind(Own, "the rule's own terms")],
        Members = DetectorMembers.Terms | DetectorMembers.MinScore,
        FindsSpans = false,
        MinScore = 0.5,
        Create = static settings =>
        {
            if (settings.Rule.Terms.Count == 0 && settings.Rule.Kinds.Count == 0)
            {
                settings.Problem("kinds", $"Name topics ({string.Join(", ", _names)}) or give terms.");
                return null;
            }

            return new TopicsDetector(settings.Kinds, settings.Rule.Terms);
        },
    };

    /// <inheritdoc />
    public string Name => "topics";

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
            Judge(text.Text.Slice(at, length), at, findings);
            at += length;
        }

        return at;
    }

    private void Judge(ReadOnlySpan<char> window, int offset, FindingSink findings)
    {
        using var folded = TextFolder.Fold(window);
        Span<int> hits = stackalloc int[_names.Length];
        Span<int> last = stackalloc int[_names.Length];
        var own = false;
        var before = (byte)0;
        for (var i = 0; i < folded.Length; i++)
        {
            var kind = CharClass.Table[folded.Text[i]];
            if ((before & CharClass.Word) == 0 || (kind & CharClass.Anywhere) != 0)
            {
                var found = _builtIn.Match(folded.Text, i, out var end);
                for (; found != 0; found &= found - 1)
                {
                    // The same word over and over is one mention of the topic, however often.
                    var topic = System.Numerics.BitOperations.TrailingZeroCount(found);
                    var word = string.GetHashCode(folded.Text[i..end]);
                    hits[topic] += word == last[topic] || hits[topic] > MaxHits ? 0 : 1;
                    last[topic] = word;
                }

                own |= _own is not null && _own.Match(folded.Text, i, out _) != 0;
            }

            before = kind;
        }

        for (var topic = 0; topic < _names.Length; topic++)
        {
            if (hits[topic] > 0 && _kinds.Contains(_names[topic]))
            {
                findings.Add(offset, window.Length, _names[topic], hits[topic] switch { 1 => 0.4, 2 => 0.65, 3 => 0.8, _ => 0.9 });
            }
        }

        if (own)
        {
            findings.Add(offset, window.Length, Own, 0.9);
        }
    }
}
