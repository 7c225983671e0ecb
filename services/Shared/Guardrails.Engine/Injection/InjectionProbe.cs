using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>What the fast tier made of a text's worst window, for a slower one to go on from.</summary>
/// <param name="Score">The score of the whole text.</param>
/// <param name="Margin">How far the window is above the nearest threshold; below 0 it is not taken for an attack.</param>
/// <param name="Window">The logit of the window as a whole.</param>
/// <param name="Frame">The logit of the window as a frame.</param>
/// <param name="Best">The highest of a sentence.</param>
/// <param name="Second">The one after.</param>
/// <param name="Mean">That of all sentences on average.</param>
/// <param name="Sentences">How many there are.</param>
/// <param name="Start">Where the window begins.</param>
/// <param name="Length">How long it is; 0 for a text without any.</param>
/// <param name="SentenceStart">Where the sentence of <paramref name="Best"/> begins.</param>
/// <param name="SentenceLength">How long it is.</param>
internal readonly record struct FastReading(
    InjectionScore Score, float Margin, float Window, float Frame, float Best, float Second, float Mean, int Sentences, int Start, int Length, int SentenceStart, int SentenceLength);

/// <summary>Reads texts for <see cref="FastReading"/>.</summary>
internal static class InjectionProbe
{
    public static FastReading Read(string text, TextSource source) => Read(text, source, LinearModel.Default);

    public static FastReading Read(string text, TextSource source, LinearModel model)
    {
        var worst = default(FastReading) with { Margin = float.NegativeInfinity };
        for (var at = 0; at < text.Length;)
        {
            var length = InjectionScorer.WindowEnd(text.AsSpan(at));
            var window = text.AsSpan(at, length);
            using var folded = TextFolder.Fold(window);
            var judge = WindowJudge.OfThread;
            judge.Judge(window, folded, source, LayerReader.Read(window, folded), isLayer: false, model);
            if (judge.Margin > worst.Margin)
            {
                var (start, sentence) = judge.WorstPlace(folded);
                worst = new FastReading(default, judge.Margin, judge.WindowLogit, judge.FrameLogit, judge.Best, judge.Second, judge.Mean, judge.Sentences, at, length, at + start, Math.Min(sentence, length - start));
            }

            at += length;
        }

        // What is hidden in layers counts for the fast tier's own score.
        return worst with { Score = InjectionScorer.Score(text, source) };
    }
}
