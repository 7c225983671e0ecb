using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Gateway.Guardrails.Engine.Keywords;
using Gateway.Guardrails.Engine.Pii.Names;
using Gateway.Guardrails.Engine.Pii.Numbers;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Regexes;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>
/// Finds personal data. One pass cuts the text into words; each word is shown only to the recognizers that its characters and its entry in the word list call for, and what is
/// found is passed over. So a finding depends on what begins before it only through where that ends.
/// </summary>
public sealed class PiiDetector : IDetector
{
    // Reaching back for «+» and «(» never goes further than this.
    private const int Marks = 3;

    private const WordClass NameClasses = WordClass.Given | WordClass.Surname | WordClass.Place | WordClass.Organization | WordClass.Phrase | WordClass.Honorific | WordClass.NameParticle;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "pii",
        Summary = "Personal data: addresses, numbers with their check digits, names.",
        Kinds = PiiKinds.All,
        Members = DetectorMembers.Terms | DetectorMembers.Patterns | DetectorMembers.Context | DetectorMembers.Allow | DetectorMembers.MinScore,
        MinScore = 0.5,
        Create = static settings =>
        {
            if ((settings.Rule.Terms.Count > 0 || settings.Rule.Patterns.Count > 0) && !settings.Kinds.Contains(PiiKinds.Custom))
            {
                settings.Problem("kinds", $"Terms and patterns are of the kind {PiiKinds.Custom}; name it too.");
                return null;
            }

            return new PiiDetector(settings.Kinds);
        },
        CreateFurther = Custom,
    };

    private readonly FrozenSet<string> _kinds;
    private readonly Lexicon _lexicon = Lexicon.Default;
    private readonly bool _names;
    private readonly bool _addresses;

    /// <summary>A detector.</summary>
    /// <param name="kinds">What it looks for.</param>
    public PiiDetector(FrozenSet<string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        _kinds = kinds;
        _names = kinds.Contains("person") || kinds.Contains("organization") || kinds.Contains("location");
        _addresses = kinds.Contains("address");
    }

    private static IReadOnlyList<IDetector> Custom(DetectorSettings settings)
    {
        var custom = new List<IDetector>();
        if (settings.Rule.Terms.Count > 0)
        {
            custom.Add(new KeywordsDetector("pii", PiiKinds.Custom, settings.Rule.Terms));
        }

        if (settings.Rule.Patterns.Count > 0 && RegexDetector.TryCompile(settings, out var patterns))
        {
            custom.Add(new RegexDetector("pii", PiiKinds.Custom, patterns, settings.Rule.Context));
        }

        return custom;
    }

    /// <inheritdoc />
    public string Name => "pii";

    /// <inheritdoc />
    public int Lookbehind => PiiScan.Behind + 8;

    /// <inheritdoc />
    public int Window => PiiScan.Ahead + Tokenizer.Longest + Marks;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var tokens = Tokens.Rent();
        tokens.Kinds = _kinds;
        try
        {
            return Detect(text, findings, tokens);
        }
        finally
        {
            Tokens.Return(tokens);
        }
    }

    private int Detect(in DetectorText text, FindingSink findings, Tokens tokens)
    {
        Tokenizer.Read(text.Text, 0, text.From, _lexicon, tokens.Items);
        var first = tokens.Items.Count;
        Tokenizer.Read(text.Text, text.From, text.Text.Length, _lexicon, tokens.Items);
        var told = text.From;
        var nextAt = -2;
        var items = CollectionsMarshal.AsSpan(tokens.Items);
        for (var i = first; i < items.Length && !findings.IsFull; i++)
        {
            ref readonly var token = ref items[i];
            if (token.Start < told)
            {
                continue;
            }

            if (token.End == text.Text.Length && !text.IsComplete)
            {
                return Math.Max(told, token.Start - Marks);
            }

            var scan = new PiiScan(text.Text, text.IsComplete, tokens, items, i, told);
            if (nextAt != -1 && nextAt < token.Start)
            {
                nextAt = text.Text[token.Start..].IndexOf('@');
                nextAt = nextAt < 0 ? -1 : nextAt + token.Start;
            }

            var match = Recognize(scan, token, nextAt, text.IsComplete);
            if (tokens.NeedsMore)
            {
                return Math.Max(told, token.Start - Marks);
            }

            if (match.Kind is not null && _kinds.Contains(match.Kind))
            {
                // A word of which a part was found is told as a whole: going on inside it would depend on how the text was cut.
                var after = match.End;
                for (var j = i; j < items.Length && items[j].Start < match.End; j++)
                {
                    after = Math.Max(after, items[j].End);
                }

                if (after == text.Text.Length && !text.IsComplete)
                {
                    return Math.Max(told, token.Start - Marks);
                }

                findings.Add(match.Start, match.End - match.Start, match.Kind, Math.Min(1, match.Score));
                told = after;
            }
            else
            {
                told = token.End;
            }
        }

        return text.IsComplete ? text.Text.Length : Math.Max(told, text.Text.Length - Marks);
    }

    private PiiMatch Recognize(in PiiScan scan, in Token token, int nextAt, bool isComplete)
    {
        var match = PiiMatch.None;
        if (nextAt >= 0 ? nextAt - token.Start <= 66 : !isComplete && scan.Text.Length - token.Start <= 66)
        {
            match = scan.Better(match, NetworkAddresses.Email(scan));
            if (match.Kind is not null)
            {
                return match;
            }
        }

        if (token.Is(WordClass.Url))
        {
            match = scan.Better(match, NetworkAddresses.Url(scan));
            if (match.Kind is not null)
            {
                return match;
            }
        }

        if (token.Has(Shape.Digits))
        {
            match = scan.Better(match, NumberRecognizer.Recognize(scan));
            if (scan.At(token.End) is '.' or ':' or '-')
            {
                match = scan.Better(match, NetworkAddresses.IpOrMac(scan));
            }

            if (token.Length >= 25)
            {
                match = scan.Better(match, Crypto.Recognize(scan));
            }

            if (token.Length is 8 or 11 && IsBankCode(scan.Of(token)) && (scan.CuesBefore(6) & Cue.Swift) != 0)
            {
                match = scan.Better(match, new PiiMatch(token.Start, token.End, "swift", 0.9));
            }
        }
        else if (token.Length <= 4 && token.Has(Shape.Letters))
        {
            if (scan.At(token.End) is ':' or '-' && char.IsAsciiHexDigit(scan.At(token.End + 1)))
            {
                match = scan.Better(match, NetworkAddresses.IpOrMac(scan));
            }

            if (token.Has(Shape.Capital) && (scan.At(token.End) is ' ' or '-' && char.IsAsciiDigit(scan.At(token.End + 1))))
            {
                match = scan.Better(match, NumberRecognizer.Recognize(scan));
            }
        }
        else if (token.Length is >= 25 and <= 40 && token.Has(Shape.InnerCapital))
        {
            match = scan.Better(match, Crypto.Recognize(scan));
        }
        else if (token.Length is 8 or 11 && token.Has(Shape.AllCapitals) && (scan.CuesBefore(6) & (Cue.Swift | Cue.Bank)) != 0 && !token.Is(WordClass.Common | WordClass.Notable))
        {
            match = new PiiMatch(token.Start, token.End, "swift", (scan.CuesBefore(6) & Cue.Swift) != 0 ? 0.9 : 0.5);
        }

        if (token.Has(Shape.Digits) ? token.Length <= 4 : token.Is(WordClass.Month))
        {
            match = scan.Better(match, WrittenDates.Recognize(scan));
        }

        if (match.Score >= 0.9)
        {
            return match;
        }

        return Words(scan, token, match);
    }

    // Whether one of the next words says that a number follows at once.
    private static bool LeadsToNumber(in PiiScan scan)
    {
        for (var i = scan.Index; i < scan.Index + 3 && scan.TryToken(i, out var word) && !word.Has(Shape.Digits); i++)
        {
            if ((word.Cue & Cue.Identity) != 0 && scan.TryToken(i + 1, out var number) && number.Has(Shape.Digits))
            {
                return true;
            }
        }

        return false;
    }

    // Four letters of the bank, two of the country, then letters or digits.
    private static bool IsBankCode(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!(char.IsAsciiLetterUpper(text[i]) || (i >= 6 && char.IsAsciiDigit(text[i]))))
            {
                return false;
            }
        }

        return true;
    }

    private PiiMatch Words(in PiiScan scan, in Token token, PiiMatch match)
    {
        // «MyNumber 9029 3869 9805» is no street with a house in it.
        if (_addresses && (token.Has(Shape.Digits) ? token.Length <= 6 : token.Has(Shape.Capital) || token.Is(WordClass.StreetPrefix | WordClass.Unit) || token.Length <= 4)
            && AddressRecognizer.Recognize(scan) is { Kind: not null } address && !LeadsToNumber(scan))
        {
            match = scan.Better(match, address);
        }

        if (_names && !token.Has(Shape.Digits) && (token.Has(Shape.Capital) || token.Is(NameClasses) || token.Class == WordClass.None) && token.Length > 1)
        {
            match = scan.Better(match, NameRecognizer.Recognize(scan));
        }

        return match;
    }
}
