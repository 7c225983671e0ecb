namespace Gateway.McpHub.Search;

/// <summary>Finds the tools for a question among those that its caller may use; it is given no others, so what it says of one caller's tools tells nothing of another's.</summary>
internal sealed class ToolSearch(ToolIndex index, TimeProvider time, SearchWeights? chosen = null)
{
    // How long the first search of new tools waits for their meanings; after it their words decide until they are there.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SearchWeights weights = chosen ?? SearchWeights.Default;

    /// <summary>Finds tools for each step that a question asks for.</summary>
    /// <param name="question">What is to be done, or a name.</param>
    /// <param name="tools">The tools that may be found.</param>
    /// <param name="perStep">Most tools for one step.</param>
    /// <param name="most">Most tools for all steps together: the steps take turns.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<IReadOnlyList<FoundStep>> FindForStepsAsync(string question, IReadOnlyList<SearchTool> tools, int perStep, int most, CancellationToken cancellationToken)
    {
        if (tools.Count == 0 || perStep <= 0)
        {
            return [];
        }

        var (parts, scores) = await ScoreAsync(question, tools, cancellationToken).ConfigureAwait(false);
        return Steps.Share(parts, scores, perStep, most);
    }

    /// <summary>How well each tool fits each part of a question; the last part is the question as a whole where it has several.</summary>
    private async ValueTask<(IReadOnlyList<string> Parts, double[][] Scores)> ScoreAsync(string question, IReadOnlyList<SearchTool> tools, CancellationToken cancellationToken)
    {
        var (indexed, known) = index.Of(tools);
        if (!known.IsCompleted)
        {
            await known.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        var plain = Clauses.Plain(question);
        var clauses = Clauses.Of(question);
        IReadOnlyList<string> parts = clauses.Count == 1 ? [plain] : [.. clauses, plain];
        var meanings = await index.MeaningsAsync(parts, cancellationToken).ConfigureAwait(false);
        var statistics = new WordStatistics(indexed);
        var named = parts.Select(p => Named(p, indexed)).ToList();
        var all = new HashSet<string>(named.SelectMany(static n => n), StringComparer.Ordinal);
        var scores = new double[parts.Count][];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = ClauseRanking.Score(parts[i], meanings?[i], indexed, statistics, new NamedServers(named[i], all), weights);
            if (i > 0 && i < clauses.Count && named[i].Count == 0)
            {
                Follow(scores[i], indexed, indexed[Best(scores[i - 1])].ServerName);
            }
        }

        return (parts, scores);
    }

    private static HashSet<string> Named(string text, IReadOnlyList<IndexedTool> tools)
    {
        // Names are found as words that stand together, so that "git" is not in "digital".
        var words = text.Split([' ', ',', '.', ':', ';', '\'', '"', '(', ')', '/', '?', '!', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(IndexedTool.Joined).Where(static w => w.Length > 0).ToList();
        var spoken = new HashSet<string>(words, StringComparer.Ordinal);
        for (var i = 0; i + 1 < words.Count; i++)
        {
            spoken.Add(words[i] + words[i + 1]);
            if (i + 2 < words.Count)
            {
                spoken.Add(words[i] + words[i + 1] + words[i + 2]);
            }
        }

        return [.. tools.Select(static t => t.ServerName).Distinct(StringComparer.Ordinal).Where(s => spoken.Contains(s) || spoken.Contains(s + "s") || (s.EndsWith('s') && spoken.Contains(s[..^1])))];
    }

    /// <summary>"Then list its members": what a step does not say is what the step before was about.</summary>
    private void Follow(double[] scores, IReadOnlyList<IndexedTool> tools, string server)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] += tools[i].ServerName == server ? weights.SameAsBefore : 0;
        }
    }

    private static int Best(double[] scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            best = scores[i] > scores[best] ? i : best;
        }

        return best;
    }
}
