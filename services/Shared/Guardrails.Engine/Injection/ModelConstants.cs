namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Figures of the model that belong to no feature, by place.</summary>
/// <param name="Values">See the properties.</param>
internal sealed record ModelConstants(IReadOnlyList<float> Values)
{
    /// <summary>How many there are.</summary>
    public const int Count = 15;

    public float SentenceBias => Values[0];

    public float WindowBias => Values[1];

    /// <summary>From which logit on a sentence alone is enough.</summary>
    public float SentenceThreshold => Values[2];

    /// <summary>From which logit on the window and its sentences together are.</summary>
    public float Threshold => Values[3];

    public float StackBias => Values[4];

    public float StackWindow => Values[5];

    public float StackBest => Values[6];

    public float StackSecond => Values[7];

    public float StackLength => Values[8];

    public float StackMean => Values[9];

    /// <summary>From which logit on a sentence of data is enough.</summary>
    public float DataThreshold => Values[10];

    /// <summary>Added to what was hidden.</summary>
    public float LayerBonus => Values[11];

    /// <summary>From which logit on the window alone is enough.</summary>
    public float WindowThreshold => Values[12];

    public float FrameBias => Values[13];

    /// <summary>From which logit on a window is a wish for harm in a frame.</summary>
    public float FrameThreshold => Values[14];

    /// <summary>How far a window is above the nearer of its two thresholds.</summary>
    /// <param name="window">Its logit as a whole.</param>
    /// <param name="frame">Its logit as a frame.</param>
    public float Above(float window, float frame) => MathF.Max(window - WindowThreshold, frame - FrameThreshold) * StackWindow;
}
