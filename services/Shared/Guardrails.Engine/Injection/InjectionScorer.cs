using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// Scores texts for prompt injection and jailbreaks: each window of about two thousand characters by itself, its sentences one by one and together, and what is hidden in it. The
/// score of a text is that of its worst window.
/// </summary>
public static class InjectionScorer
{
    /// <summary>Most characters of one window.</summary>
    public const int WindowLength = 2_048;

    /// <summary>Cuts texts.</summary>
    internal static WindowCutter Windows { get; } = new(WindowLength, 512);

    /// <summary>Scores a text of any length.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Who it comes from.</param>
    public static InjectionScore Score(ReadOnlySpan<char> text, TextSource source) => Score(text, source, LinearModel.Default);

    internal static InjectionScore Score(ReadOnlySpan<char> text, TextSource source, LinearModel model)
    {
        var worst = default(InjectionScore);
        for (var at = 0; at < text.Length;)
        {
            var length = WindowEnd(text[at..]);
            var score = ScoreWindow(text.Slice(at, length), source, model) is var s ? s with { Start = s.Start + at } : default;
            worst = new InjectionScore(
                MathF.Max(worst.Direct, score.Direct), MathF.Max(worst.Indirect, score.Indirect), MathF.Max(worst.Jailbreak, score.Jailbreak),
                score.Highest > worst.Highest ? score.Start : worst.Start, score.Highest > worst.Highest ? score.Length : worst.Length);
            at += length;
        }

        return worst;
    }

    /// <summary>Where the window that begins with a text ends: behind a sentence or a word where there is one late enough. Depends on the first <see cref="WindowLength"/> characters only.</summary>
    /// <param name="text">The text from the window's beginning on.</param>
    public static int WindowEnd(ReadOnlySpan<char> text) => Windows.End(text);

    /// <summary>Scores one window.</summary>
    internal static InjectionScore ScoreWindow(ReadOnlySpan<char> text, TextSource source) => ScoreWindow(text, source, LinearModel.Default);

    internal static InjectionScore ScoreWindow(ReadOnlySpan<char> text, TextSource source, LinearModel model)
    {
        using var folded = TextFolder.Fold(text);
        var layers = LayerReader.Read(text, folded);
        var judge = WindowJudge.OfThread;
        var score = judge.Judge(text, folded, source, layers, isLayer: false, model);
        foreach (var layer in layers)
        {
            for (var at = 0; at < layer.Text.Length;)
            {
                var part = layer.Text.AsSpan(at, WindowEnd(layer.Text.AsSpan(at)));
                using var inner = TextFolder.Fold(part);
                var hidden = judge.Judge(part, inner, source, [], isLayer: true, model);
                if (hidden.Highest > score.Highest)
                {
                    score = hidden with { Start = layer.Start, Length = layer.Length };
                }

                at += part.Length;
            }
        }

        return score;
    }
}
