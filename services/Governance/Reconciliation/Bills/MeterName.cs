using System.Text.RegularExpressions;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>Tells model and unit from the name of a cloud's meter, such as <c>USE1-Claude3Sonnet-input-tokens</c> or <c>gpt-4o-0806-cchd-Inp-glbl Tokens</c>.</summary>
internal static partial class MeterName
{
    private static readonly HashSet<string> Marks = new(StringComparer.OrdinalIgnoreCase)
    {
        "input", "inp", "in", "output", "outp", "opt", "out", "cached", "cchd", "cache", "cachd", "reasoning", "audio", "aud", "image", "img", "batch", "tokens", "token", "mantle", "prompt", "completion",
    };

    /// <summary>Model and unit; the model is empty and the unit <see cref="BilledUnit.Other"/> where the name tells neither.</summary>
    public static (string Model, BilledUnit Unit) Read(string name)
    {
        var words = Separators().Split(Region().Replace(name.Trim(), "")).Where(w => w.Length > 0).ToList();
        var first = words.Count < 2 ? -1 : words.FindIndex(1, Marks.Contains);
        if (first < 0)
        {
            return ("", BilledUnit.Other);
        }

        return (string.Join('-', words.Take(first)), Unit([.. words.Skip(first).Select(w => w.ToLowerInvariant())]));
    }

    /// <summary>The unit that words tell.</summary>
    public static BilledUnit Unit(IReadOnlyList<string> words)
    {
        var isOutput = Has("output", "outp", "opt", "out", "completion");
        var isInput = Has("input", "inp", "in", "prompt");
        var isCached = Has("cached", "cchd", "cachd") || (Has("cache") && Has("read", "rd", "hit"));
        var isWritten = Has("cache") && Has("write", "wr", "creation");
        return (Has("audio", "aud"), Has("image", "img")) switch
        {
            _ when isWritten => Has("1h", "hour", "1hour") ? BilledUnit.CacheWriteHour : BilledUnit.CacheWrite,
            (true, _) => isOutput ? BilledUnit.AudioOutput : isCached ? BilledUnit.AudioCacheRead : isInput ? BilledUnit.AudioInput : BilledUnit.Other,
            (_, true) => isOutput ? BilledUnit.ImageOutput : isCached ? BilledUnit.ImageCacheRead : isInput ? BilledUnit.ImageInput : BilledUnit.Other,
            _ when isCached => BilledUnit.CacheRead,
            _ when Has("reasoning") => BilledUnit.Reasoning,
            _ when isOutput => BilledUnit.Output,
            _ when isInput => BilledUnit.Input,
            _ => BilledUnit.Other,
        };

        bool Has(params ReadOnlySpan<string> any)
        {
            foreach (var word in any)
            {
                if (words.Contains(word))
                {
                    return true;
                }
            }

            return false;
        }
    }

    [GeneratedRegex("^[A-Z]{2,4}[0-9]{1,2}-", RegexOptions.NonBacktracking)]
    private static partial Regex Region();

    [GeneratedRegex(@"[\s\-_:,/]+", RegexOptions.NonBacktracking)]
    private static partial Regex Separators();
}
