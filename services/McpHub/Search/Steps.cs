namespace Gateway.McpHub.Search;

/// <summary>Shares a bounded number of places among the steps of a question: they take turns, each with its best tool that is not there yet.</summary>
internal static class Steps
{
    public static IReadOnlyList<FoundStep> Share(IReadOnlyList<string> parts, double[][] scores, int perStep, int most)
    {
        var ranked = scores.Select(Ranked).ToList();
        var found = parts.Select(static _ => new List<FoundTool>()).ToList();
        var taken = new HashSet<int>();
        var next = new int[parts.Count];
        for (var round = 0; round < perStep; round++)
        {
            for (var part = 0; part < parts.Count && taken.Count < most; part++)
            {
                // One that another step has stands for both.
                while (next[part] < ranked[part].Length && !taken.Add(ranked[part][next[part]]))
                {
                    next[part]++;
                }

                if (next[part] < ranked[part].Length)
                {
                    var tool = ranked[part][next[part]++];
                    found[part].Add(new FoundTool(tool, scores[part][tool]));
                }
            }
        }

        return [.. parts.Select((text, i) => new FoundStep(parts.Count > 1 && i == parts.Count - 1 ? "" : text, found[i])).Where(static s => s.Tools.Count > 0)];
    }

    private static int[] Ranked(double[] scores) => [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(static i => i)];
}
