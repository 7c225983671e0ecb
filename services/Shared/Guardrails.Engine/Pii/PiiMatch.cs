namespace Gateway.Guardrails.Engine.Pii;

/// <summary>What a recognizer found; the kind is null where it found nothing.</summary>
internal readonly record struct PiiMatch(int Start, int End, string? Kind, double Score)
{
    public static PiiMatch None { get; }

    /// <summary>The surer of two, and of equally sure ones the longer.</summary>
    public static PiiMatch Better(PiiMatch one, PiiMatch other) =>
        other.Kind is null ? one
        : one.Kind is null ? other
        : other.Score > one.Score || (other.Score == one.Score && other.End - other.Start > one.End - one.Start) ? other : one;
}
