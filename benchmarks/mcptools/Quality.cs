using Gateway.McpHub.Search;

namespace Gateway.Benchmarks.McpTools;

/// <summary>How often the needed tools are among the first that one search with the whole question finds.</summary>
internal sealed record Quality(int Questions, int AnyFound, int AllFound, int AllPossible, int Tools, int ToolsFound, int Unknown, int ByStep = 0)
{
    public const int First = 5;

    public double ToolShare => Tools == 0 ? 0 : 100.0 * ToolsFound / Tools;

    public double StepShare => Tools == 0 ? 0 : 100.0 * ByStep / Tools;

    public double AnyShare => Questions == 0 ? 0 : 100.0 * AnyFound / Questions;

    public double AllShare => AllPossible == 0 ? 0 : 100.0 * AllFound / AllPossible;

    /// <summary>Asks each question whose tools the catalogue has.</summary>
    public static async Task<Quality> MeasureAsync(ToolSearch search, Catalogue catalogue, IEnumerable<Question> questions, int limit, Action<Question, string, IReadOnlyList<string>>? missed)
    {
        var result = new Quality(0, 0, 0, 0, 0, 0, 0);
        foreach (var question in questions)
        {
            var needed = question.Tools.Where(catalogue.Has).ToList();
            result = result with { Unknown = result.Unknown + question.Tools.Count - needed.Count };
            if (needed.Count == 0)
            {
                continue;
            }

            var found = (await search.FindAsync(question.Text, catalogue.ForSearch, limit, default)).Select(f => catalogue.Tools[f.Index].Name).ToList();
            var hits = needed.Where(n => found.Any(f => Catalogue.Same(f, n))).ToList();
            foreach (var miss in needed.Except(hits))
            {
                missed?.Invoke(question, miss, found);
            }

            var byStep = new HashSet<string>(found, StringComparer.Ordinal);
            foreach (var step in Clauses.Of(question.Text))
            {
                byStep.UnionWith((await search.FindAsync(step, catalogue.ForSearch, limit, default)).Select(f => catalogue.Tools[f.Index].Name));
            }

            var fits = needed.Count <= limit;
            result = result with
            {
                Questions = result.Questions + 1, AnyFound = result.AnyFound + (hits.Count > 0 ? 1 : 0), AllPossible = result.AllPossible + (fits ? 1 : 0),
                AllFound = result.AllFound + (fits && hits.Count == needed.Count ? 1 : 0), Tools = result.Tools + needed.Count, ToolsFound = result.ToolsFound + hits.Count,
                ByStep = result.ByStep + needed.Count(n => byStep.Any(f => Catalogue.Same(f, n))),
            };
        }

        return result;
    }
}
