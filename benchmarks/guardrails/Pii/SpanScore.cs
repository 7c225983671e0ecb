namespace Gateway.Benchmarks.Guardrails.Pii;

/// <summary>
/// Counts as presidio-research's span evaluation does: neighbouring spans of one type with nothing but punctuation, spaces and small words between them are one; a labelled span
/// is found by the predicted span that overlaps it most if their characters, without punctuation and spaces, agree to 0.9 (intersection over union). Overall the type does not count;
/// per type it does.
/// </summary>
internal sealed class SpanScore
{
    private const double Enough = 0.9;

    private static readonly HashSet<string> _skipped = new(StringComparer.OrdinalIgnoreCase) { "the", "a", "an", "of", "and", "'s", "s", "in", "at", "on", "to", "for", "st", "street" };

    private readonly Dictionary<string, (int Found, int Labelled, int Told)> _types = new(StringComparer.Ordinal);
    private int _found;
    private int _labelled;
    private int _told;

    public List<string> Errors { get; } = [];

    public int Labelled => _labelled;

    public double Precision => _told == 0 ? 1 : (double)_found / _told;

    public double Recall => _labelled == 0 ? 1 : (double)_found / _labelled;

    public double F2 => FScore(Precision, Recall);

    public IEnumerable<(string Type, double Precision, double Recall, int Labelled)> Types => _types.Where(static t => t.Value.Labelled > 0).OrderByDescending(static t => t.Value.Labelled)
        .Select(static t => (t.Key, t.Value.Told == 0 ? 1 : (double)t.Value.Found / t.Value.Told, (double)t.Value.Found / t.Value.Labelled, t.Value.Labelled));

    public void Add(string text, IReadOnlyList<Span> labelled, IReadOnlyList<Span> told)
    {
        var (gold, predicted) = (Merge(text, labelled), Merge(text, told));
        var used = new bool[predicted.Count];
        foreach (var span in gold)
        {
            var (best, overlap) = (-1, 0.0);
            for (var i = 0; i < predicted.Count; i++)
            {
                if (!used[i] && Overlap(text, span, predicted[i]) is var o && o > overlap)
                {
                    (best, overlap) = (i, o);
                }
            }

            Count(span.Type, labelled: 1);
            _labelled++;
            if (best < 0 || overlap < Enough)
            {
                Errors.Add($"missed {span.Type} «{text[span.Start..span.End]}»{(best < 0 ? "" : $" told {predicted[best].Type} «{text[predicted[best].Start..predicted[best].End]}»")} in: {text}");
                continue;
            }

            used[best] = true;
            _found++;
            if (predicted[best].Type == span.Type)
            {
                Count(span.Type, found: 1);
            }
            else
            {
                Errors.Add($"taken for {predicted[best].Type} {span.Type} «{text[span.Start..span.End]}» in: {text}");
            }
        }

        for (var i = 0; i < predicted.Count; i++)
        {
            Count(predicted[i].Type, told: 1);
            _told++;
            if (!used[i])
            {
                Errors.Add($"wrong {predicted[i].Type} «{text[predicted[i].Start..predicted[i].End]}» in: {text}");
            }
        }
    }

    public static double FScore(double precision, double recall) => precision + recall == 0 ? 0 : 5 * precision * recall / ((4 * precision) + recall);

    private void Count(string type, int found = 0, int labelled = 0, int told = 0)
    {
        var count = _types.GetValueOrDefault(type);
        _types[type] = (count.Found + found, count.Labelled + labelled, count.Told + told);
    }

    private static List<Span> Merge(string text, IReadOnlyList<Span> spans)
    {
        var merged = new List<Span>();
        foreach (var span in spans.OrderBy(static s => s.Start).ThenByDescending(static s => s.End))
        {
            if (merged.Count > 0 && merged[^1].Type == span.Type && span.Start >= merged[^1].End && Nothing(text[merged[^1].End..span.Start]))
            {
                merged[^1] = merged[^1] with { End = span.End };
            }
            else if (merged.Count == 0 || span.Start >= merged[^1].End)
            {
                merged.Add(span);
            }
        }

        return merged;
    }

    private static bool Nothing(string between) => between.Split([' ', '\n', '\r', '\t', ',', '.', ';', ':', '>', '?', '-', '(', ')', '"', '\'', '\\', '/', '|', '#', '!'], StringSplitOptions.RemoveEmptyEntries).All(_skipped.Contains);

    private static double Overlap(string text, Span a, Span b)
    {
        var (both, either) = (0, 0);
        for (var i = Math.Min(a.Start, b.Start); i < Math.Max(a.End, b.End); i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                continue;
            }

            var (inA, inB) = (i >= a.Start && i < a.End, i >= b.Start && i < b.End);
            both += inA && inB ? 1 : 0;
            either += inA || inB ? 1 : 0;
        }

        return either == 0 ? 0 : (double)both / either;
    }
}
