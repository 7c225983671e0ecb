using System.Numerics.Tensors;

namespace Gateway.McpHub.Search;

/// <summary>How well each of some tools fits one part of a question: by its words, weighed as BM25F does, by its meaning, and by the server that is named.</summary>
internal static class ClauseRanking
{
    /// <summary>Scores all tools.</summary>
    /// <param name="clause">The part of the question.</param>
    /// <param name="meaning">Its meaning; null where only words are to count.</param>
    /// <param name="tools">The tools.</param>
    /// <param name="statistics">How common words are among them.</param>
    /// <param name="named">Servers that the part names, and those that the question names.</param>
    /// <param name="weights">How signs are put together.</param>
    public static double[] Score(string clause, float[]? meaning, IReadOnlyList<IndexedTool> tools, WordStatistics statistics, NamedServers named, SearchWeights weights)
    {
        var terms = Terms(clause, weights);
        var most = terms.Values.Where(static w => w >= 1).Sum() * 2;
        var asksForAction = terms.Keys.Any(Synonyms.IsAction);
        var spoken = IndexedTool.Joined(clause);
        var scores = new double[tools.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            var tool = tools[i];
            var words = 0.0;
            foreach (var (term, weight) in terms)
            {
                words += weight * statistics.Rarity(term) * Saturated(Found(term, tool, statistics, weights), weights);
            }

            var score = weights.Lexical * words / (words + most + 1);
            score += weights.NameCovered * Covered(terms, tool);
            if (meaning is not null && tool.Vector is { } vector)
            {
                score += weights.Semantic * Math.Max(0, TensorPrimitives.Dot<float>(meaning, vector));
            }

            if (asksForAction && tool.Action is { } action && !terms.ContainsKey(action))
            {
                score -= weights.OtherAction;
            }

            var isNamed = named.ByClause.Contains(tool.ServerName);
            score += isNamed ? weights.ServerNamed : named.ByQuestion.Contains(tool.ServerName) ? weights.ServerNamedElsewhere : 0;
            if (tool.IsForAnything && (isNamed || (named.ByClause.Count == 0 && named.ByQuestion.Contains(tool.ServerName))))
            {
                score += isNamed ? weights.ForAnything : weights.ForAnything / 2;
            }

            scores[i] = spoken == tool.FullName || spoken == tool.ServerName + tool.FullName ? score + 10 : score;
        }

        return scores;
    }

    private static Dictionary<string, double> Terms(string clause, SearchWeights weights)
    {
        var terms = new Dictionary<string, double>(StringComparer.Ordinal);
        var words = Words.Of(clause);
        foreach (var word in words)
        {
            terms[word] = 1;
        }

        foreach (var synonym in words.SelectMany(Synonyms.For))
        {
            terms.TryAdd(synonym, weights.Synonym);
        }

        return terms;
    }

    private static double Found(string term, IndexedTool tool, WordStatistics statistics, SearchWeights weights) =>
        (weights.Name * Count(term, tool.Name) / statistics.NameLength(tool, weights))
        + (weights.Description * Count(term, tool.Description) / statistics.DescriptionLength(tool, weights))
        + (weights.More * Math.Min(1, Count(term, tool.More)))
        + (weights.Server * Count(term, tool.Server))
        + (weights.Parameters * Math.Min(2, Count(term, tool.Parameters)));

    private static double Saturated(double found, SearchWeights weights) => found / (weights.Saturation + found);

    private static int Count(string term, string[] words)
    {
        var count = 0;
        foreach (var word in words)
        {
            count += word == term ? 1 : 0;
        }

        return count;
    }

    private static double Covered(Dictionary<string, double> terms, IndexedTool tool)
    {
        var covered = 0.0;
        foreach (var word in tool.OwnName)
        {
            covered += terms.GetValueOrDefault(word);
        }

        return tool.OwnName.Length == 0 ? 0 : covered / tool.OwnName.Length;
    }
}

/// <summary>The servers that are named, by their joined names.</summary>
internal sealed record NamedServers(IReadOnlySet<string> ByClause, IReadOnlySet<string> ByQuestion);

/// <summary>How common words are in the tools that are searched.</summary>
internal sealed class WordStatistics
{
    private readonly Dictionary<string, int> tools = new(StringComparer.Ordinal);
    private readonly int count;
    private readonly double nameLength;
    private readonly double descriptionLength;

    public WordStatistics(IReadOnlyList<IndexedTool> indexed)
    {
        count = indexed.Count;
        nameLength = Math.Max(1, indexed.Average(static t => (double)t.Name.Length));
        descriptionLength = Math.Max(1, indexed.Average(static t => (double)t.Description.Length));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in indexed)
        {
            seen.Clear();
            foreach (var words in (ReadOnlySpan<string[]>)[tool.Server, tool.Name, tool.Description, tool.More, tool.Parameters])
            {
                foreach (var word in words)
                {
                    if (seen.Add(word))
                    {
                        tools[word] = tools.GetValueOrDefault(word) + 1;
                    }
                }
            }
        }
    }

    /// <summary>How much it says that a tool has a word: little for one that all have.</summary>
    public double Rarity(string word) => Math.Log(1 + ((count - tools.GetValueOrDefault(word) + 0.5) / (tools.GetValueOrDefault(word) + 0.5)));

    public double NameLength(IndexedTool tool, SearchWeights weights) => 1 - weights.Length + (weights.Length * tool.Name.Length / nameLength);

    public double DescriptionLength(IndexedTool tool, SearchWeights weights) => 1 - weights.Length + (weights.Length * tool.Description.Length / descriptionLength);
}
