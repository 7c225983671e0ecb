using System.Numerics;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>What the answers of one model were like lately.</summary>
internal sealed class ModelTraffic
{
    /// <summary>Answers that have to be seen before anything is concluded from them.</summary>
    public const int WarmUp = 50;

    /// <summary>What is held for an answer at least, however short the others were.</summary>
    public const long LeastOutput = 256;

    /// <summary>What is taken for true of a model that nothing is known of.</summary>
    public static readonly ModelTraffic Unknown = new();

    // Four buckets for each doubling, up to 2^26 tokens.
    private const int StepsPerDoubling = 4;
    private const double DefaultBytesPerToken = 4;

    // A sixteenth each, up to four times the estimate.
    private const int StepsOfRatio = 16;

    private readonly DecayingHistogram _outputs = new(26 * StepsPerDoubling);
    private readonly DecayingHistogram _prompts = new(4 * StepsOfRatio);
    private double _bytesPerToken = DefaultBytesPerToken;

    /// <summary>Bytes of text that a token of output has on average.</summary>
    public double BytesPerToken => Volatile.Read(ref _bytesPerToken);

    /// <summary>What 95 of 100 answers stayed below; null while too few were seen.</summary>
    public long? Output => _outputs.Percentile(95, WarmUp) is { } bucket ? Math.Max(LeastOutput, UpperEdge(bucket)) : null;

    /// <summary>By how much 99 of 100 prompts were at most larger than their estimate, a tenth on top; null while too few were seen.</summary>
    public double? PromptFactor => _prompts.Percentile(99, WarmUp) is { } bucket ? (bucket + 1) * 1.1 / StepsOfRatio : null;

    /// <summary>Learns from an answer that no cap had cut short.</summary>
    public void AddOutput(long tokens) => _outputs.Add(Bucket(tokens));

    /// <summary>Learns how many bytes of text its tokens made.</summary>
    public void AddText(long bytes, long tokens)
    {
        // A race loses one of many samples of a mean.
        var now = Math.Clamp((double)bytes / tokens, 1, 8);
        Volatile.Write(ref _bytesPerToken, BytesPerToken + ((now - BytesPerToken) / 32));
    }

    /// <summary>Learns how an estimate compares with the truth.</summary>
    public void AddPrompt(long estimate, long tokens) => _prompts.Add((int)Math.Min(tokens * StepsOfRatio / Math.Max(1, estimate), int.MaxValue));

    private static int Bucket(long tokens)
    {
        if (tokens < StepsPerDoubling)
        {
            return (int)Math.Max(0, tokens);
        }

        var doublings = BitOperations.Log2((ulong)tokens);
        return ((doublings - 1) * StepsPerDoubling) + (int)((tokens >> (doublings - 2)) & 3);
    }

    private static long UpperEdge(int bucket)
    {
        if (bucket < StepsPerDoubling)
        {
            return bucket;
        }

        var doublings = (bucket / StepsPerDoubling) + 1;
        return ((5L + (bucket % StepsPerDoubling)) << (doublings - 2)) - 1;
    }
}
