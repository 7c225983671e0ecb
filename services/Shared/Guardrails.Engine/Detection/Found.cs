namespace Gateway.Guardrails.Engine.Detection;

/// <summary>A finding inside the engine: a span of one text, by one rule.</summary>
internal readonly record struct Found(int Start, int End, int Rule, string Kind, double Score) : IComparable<Found>
{
    /// <summary>Who owns a character that several cover: the earlier rule, then what begins first, the longer, the surer, the kind by name.</summary>
    public int CompareTo(Found other)
    {
        var order = Rule.CompareTo(other.Rule);
        order = order != 0 ? order : Start.CompareTo(other.Start);
        order = order != 0 ? order : other.End.CompareTo(End);
        order = order != 0 ? order : other.Score.CompareTo(Score);
        return order != 0 ? order : string.CompareOrdinal(Kind, other.Kind);
    }
}
