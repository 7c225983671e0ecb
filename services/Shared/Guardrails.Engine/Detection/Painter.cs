namespace Gateway.Guardrails.Engine.Detection;

/// <summary>A stretch of text that one finding owns.</summary>
internal readonly record struct Piece(int Start, int End, Found Owner);

/// <summary>
/// Divides a text among findings that may overlap: each character belongs to one of those that cover it (<see cref="Found.CompareTo"/>). That is decided character by
/// character, so it depends on nothing but what covers the place, and nothing that was found is left uncovered.
/// </summary>
internal static class Painter
{
    public static List<Piece> Paint(List<Found> findings)
    {
        var pieces = new List<Piece>(findings.Count);
        if (findings.Count == 0)
        {
            return pieces;
        }

        findings.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.CompareTo(b));
        var covering = new PriorityQueue<Found, Found>();
        var at = findings[0].Start;
        for (var next = 0; next < findings.Count || covering.Count > 0;)
        {
            if (covering.Count == 0)
            {
                at = Math.Max(at, findings[next].Start);
            }

            for (; next < findings.Count && findings[next].Start <= at; next++)
            {
                covering.Enqueue(findings[next], findings[next]);
            }

            var owner = covering.Peek();
            if (owner.End <= at)
            {
                covering.Dequeue();
                continue;
            }

            var end = next < findings.Count ? Math.Min(owner.End, findings[next].Start) : owner.End;
            if (pieces.Count > 0 && pieces[^1].End == at && pieces[^1].Owner == owner)
            {
                pieces[^1] = pieces[^1] with { End = end };
            }
            else
            {
                pieces.Add(new Piece(at, end, owner));
            }

            at = end;
        }

        return pieces;
    }
}
