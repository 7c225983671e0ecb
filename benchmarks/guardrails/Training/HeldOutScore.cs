using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What models said of an example that had not seen its family.</summary>
internal sealed record HeldOutScore(Example Example, IReadOnlyList<WindowLogits> Windows)
{
    /// <summary>The highest logit of a sentence.</summary>
    public float Best => Windows.Count == 0 ? WindowJudge.NoSentence : Windows.Max(static w => w.Best);

    /// <summary>The highest of windows and their sentences together.</summary>
    public float Together(ModelConstants c) => Windows.Count == 0 ? -8 : Windows.Max(w => WindowJudge.Combine(c, w.Window, w.Best, w.Second, w.Mean, w.Sentences) + (w.IsLayer ? c.LayerBonus : 0));

    /// <summary>How far one window is above the nearest threshold, as the engine's judge counts.</summary>
    public float Margin(WindowLogits w, ModelConstants c)
    {
        var bonus = w.IsLayer ? c.LayerBonus : 0;
        var together = WindowJudge.Combine(c, w.Window, w.Best, w.Second, w.Mean, w.Sentences) - c.Threshold;
        var alone = w.Best - (Example.Source == TextSource.Data ? c.DataThreshold : c.SentenceThreshold);
        return MathF.Max(alone, MathF.Max(together, c.Above(w.Window, w.Frame))) + bonus;
    }

    /// <summary>Whether it is taken for an attack.</summary>
    public bool IsCaught(ModelConstants c) =>
        Together(c) >= c.Threshold || Windows.Any(w => c.Above(w.Window, w.Frame) + (w.IsLayer ? c.LayerBonus : 0) >= 0) || Windows.Any(w => w.Best + (w.IsLayer ? c.LayerBonus : 0) >= (Example.Source == TextSource.Data ? c.DataThreshold : c.SentenceThreshold));
}
