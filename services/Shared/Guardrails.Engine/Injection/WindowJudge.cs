using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Adds up a window's weights and says what they come to. One for each thread.</summary>
internal sealed class WindowJudge : IWindowVisitor
{
    private const ulong JailbreakSigns = (1UL << (int)Concept.Unrestricted) | (1UL << (int)Concept.Norefuse) | (1UL << (int)Concept.Dual) | (1UL << (int)Concept.Stay);
    private const ulong Framing = (1UL << (int)Concept.Role) | (1UL << (int)Concept.Hypothetical) | (1UL << (int)Concept.Disclaimer) | (1UL << (int)Concept.Howto);
    private const ulong Harm = 0xFFUL << (int)Concept.HarmWeapon;

    [ThreadStatic]
    private static WindowJudge? _ofThread;

    private LinearModel _model = LinearModel.Default;
    private FeatureSums _words;
    private float _window;
    private float _frame;
    private float _best;
    private float _second;
    private float _mean;
    private int _sentences;
    private Sentence _worst;

    public static WindowJudge OfThread => _ofThread ??= new WindowJudge();

    /// <summary>How far the window last judged is above the nearest threshold.</summary>
    public float Margin { get; private set; }

    /// <summary>Its logit as a whole.</summary>
    public float WindowLogit { get; private set; }

    /// <summary>Its logit as a wish for harm in a frame.</summary>
    public float FrameLogit { get; private set; }

    public float Best => _best;

    public float Second => _second;

    public float Mean => _sentences == 0 ? 0 : _mean / _sentences;

    public int Sentences => _sentences;

    /// <summary>Where the sentence stands that looks most like an attack.</summary>
    public (int Start, int Length) WorstPlace(FoldedText folded) => _worst.End > _worst.Start ? Place(folded, _worst) : (0, 0);

    public InjectionScore Judge(ReadOnlySpan<char> text, FoldedText folded, TextSource source, IReadOnlyList<DecodedLayer> layers, bool isLayer, LinearModel model)
    {
        _model = model;
        (_best, _second, _mean, _sentences, _worst, _words) = (NoSentence, NoSentence, 0, 0, default, default);
        var reader = WindowReader.OfThread;
        reader.Read(text, folded, source, layers, isLayer, this);
        var constants = model.Constants;
        var (window, frame) = (_window + constants.WindowBias, _frame + constants.FrameBias);
        var together = Combine(constants, window, _best, _second, Mean, _sentences);
        var bonus = isLayer ? constants.LayerBonus : 0;
        var alone = _best - (source == TextSource.Data ? constants.DataThreshold : constants.SentenceThreshold) + bonus;
        together = MathF.Max(together - constants.Threshold, constants.Above(window, frame)) + bonus;

        (Margin, WindowLogit, FrameLogit) = (MathF.Max(alone, together), window, frame);
        var embedded = source == TextSource.Data || (_sentences > 1 && (reader.Concepts >> (int)Concept.Doctask & 1) != 0 && _worst.Start > 0);
        var jailbreak = frame >= constants.FrameThreshold || (reader.Concepts & JailbreakSigns) != 0 || ((reader.Concepts & Framing) != 0 && (reader.Concepts & Harm) != 0);
        var (start, length) = alone > together && _worst.End > _worst.Start ? Place(folded, _worst) : (0, text.Length);
        var overall = Sigmoid(MathF.Max(alone, together));
        return new InjectionScore(
            embedded ? Sigmoid(together - 1) : overall,
            embedded ? overall : Sigmoid(alone - 1),
            jailbreak ? Sigmoid(together) : 0, start, length);
    }

    /// <summary>A sentence's logit where there is none.</summary>
    internal const float NoSentence = -8;

    /// <summary>How far a sentence can speak against a window: what most attacks by framing consist of are harmless sentences.</summary>
    internal const float Floor = -1;

    /// <summary>The window and its sentences together.</summary>
    internal static float Combine(ModelConstants c, float window, float best, float second, float mean, int sentences) =>
        c.StackBias + (c.StackWindow * window) + (c.StackBest * MathF.Max(best, Floor)) + (c.StackSecond * MathF.Max(second, Floor)) + (c.StackMean * mean) + (c.StackLength * MathF.Log2(1 + sentences));

    void IWindowVisitor.Sentence(in Sentence sentence, FeatureList features, int words)
    {
        // The words of a sentence are those of the window too: they are looked up once for both.
        var shared = default(FeatureSums);
        _model.Add(features.Words.Keys, ref shared);
        _model.Add(features.Meanings.Keys, ref shared);
        _words.Window += shared.Window;
        _words.Frame += shared.Frame;
        _model.Add(features.Order.Keys, ref shared);
        var (strong, weak) = Others(features);
        var logit = (FeatureList.WordValue(words) * shared.Sentence) + (FeatureList.StrongValue * strong.Sentence) + (FeatureList.WeakValue * weak.Sentence);
        logit = Math.Clamp((logit * _model.Scale) + _model.Constants.SentenceBias, NoSentence, -NoSentence);
        _sentences++;
        _mean += logit;
        if (logit > _best)
        {
            (_second, _best, _worst) = (_best, logit, sentence);
        }
        else if (logit > _second)
        {
            _second = logit;
        }
    }

    void IWindowVisitor.Window(FeatureList features, int words)
    {
        _model.Add(features.Words.Keys, ref _words);
        _model.Add(features.Meanings.Keys, ref _words);
        var (strong, weak) = Others(features);
        var value = FeatureList.WordValue(words);
        _window = ((value * _words.Window) + (FeatureList.StrongValue * strong.Window) + (FeatureList.WeakValue * weak.Window)) * _model.Scale;
        _frame = ((value * _words.Frame) + (FeatureList.StrongValue * strong.Frame) + (FeatureList.WeakValue * weak.Frame)) * _model.Scale;
    }

    private (FeatureSums Strong, FeatureSums Weak) Others(FeatureList features)
    {
        var (strong, weak) = (default(FeatureSums), default(FeatureSums));
        _model.Add(features.Strong.Keys, ref strong);
        _model.Add(features.Weak.Keys, ref weak);
        return (strong, weak);
    }

    private static (int Start, int Length) Place(FoldedText folded, in Sentence sentence)
    {
        var start = folded.Origin(sentence.Start);
        return (start, Math.Max(1, folded.Origin(sentence.End) - start));
    }

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
