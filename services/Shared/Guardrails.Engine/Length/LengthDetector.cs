using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Length;

/// <summary>Says where a text becomes longer than it may be.</summary>
public sealed class LengthDetector : IDetector
{
    private const string Tokens = "tokens";

    // Of text outside ASCII a character is about a token, of other text four are.
    private const int CharactersPerToken = 4;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "length",
        Summary = "Texts that are longer than «max».",
        Kinds = [new("characters", "UTF-16 code units"), new(Tokens, "estimated tokens: four ASCII characters or one other", IsDefault: false)],
        Members = DetectorMembers.Max,
        Required = DetectorMembers.Max,
        FindsSpans = false,
        Create = static settings =>
        {
            if (settings.Kinds.Count != 1)
            {
                settings.Problem("kinds", "It is either characters or tokens.");
                return null;
            }

            return new LengthDetector(settings.Rule.Max!.Value, settings.Kinds.Contains(Tokens));
        },
    };

    private readonly long _most;
    private readonly bool _tokens;

    private LengthDetector(int most, bool tokens)
    {
        _tokens = tokens;
        _most = tokens ? (long)most * CharactersPerToken : most;
    }

    /// <inheritdoc />
    public string Name => "length";

    /// <inheritdoc />
    public int Lookbehind => 0;

    /// <inheritdoc />
    public int Window => 0;

    /// <inheritdoc />
    public object CreateState() => new Count();

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var count = (Count)text.State!;
        for (var i = text.From; i < text.Text.Length && count.Value <= _most; i++)
        {
            count.Value += _tokens && !char.IsAscii(text.Text[i]) ? CharactersPerToken : 1;
            if (count.Value > _most)
            {
                findings.Add(i, 1, _tokens ? Tokens : "characters");
            }
        }

        return text.Text.Length;
    }

    private sealed class Count
    {
        public long Value { get; set; }
    }
}
