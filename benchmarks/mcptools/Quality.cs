using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Search;

namespace Gateway.Benchmarks.McpTools;

/// <summary>How often the tools that a question needs are among what one search with the whole question gives.</summary>
/// <param name="Questions">Questions of whose tools the catalogue has some.</param>
/// <param name="Tools">Tools that they need.</param>
/// <param name="Unknown">Tools that they name and the catalogue has not.</param>
/// <param name="Given">Tools that were given, as find_tools gives them when no number is asked for.</param>
/// <param name="Found">Of those needed, how many were.</param>
/// <param name="AllFound">Questions all of whose tools were.</param>
/// <param name="FewFound">Of those needed, how many were among five for all steps together.</param>
/// <param name="FewPossible">Questions that need no more than five.</param>
/// <param name="FewAll">Of these, how many had all among five for all steps together.</param>
internal sealed record Quality(int Questions, int Tools, int Unknown, int Given, int Found, int AllFound, int FewFound, int FewPossible, int FewAll)
{
    public const int First = MetaToolDefinitions.FoundUnlessSaid;

    public double EachShare => Share(Found, Tools);

    public double AllShare => Share(AllFound, Questions);

    public double FewEachShare => Share(FewFound, Tools);

    public double FewAllShare => Share(FewAll, FewPossible);

    public double MeanGiven => Questions == 0 ? 0 : (double)Given / Questions;

    /// <summary>What one search gives by default.</summary>
    public static ValueTask<IReadOnlyList<FoundStep>> DefaultAsync(ToolSearch search, Catalogue catalogue, string text) =>
        search.FindForStepsAsync(text, catalogue.ForSearch, First, MetaToolDefinitions.MostForSteps, default);

    /// <summary>Asks each question whose tools the catalogue has.</summary>
    public static async Task<Quality> MeasureAsync(ToolSearch search, Catalogue catalogue, IEnumerable<Question> questions, Action<Question, string, IReadOnlyList<string>>? missed)
    {
        var result = new Quality(0, 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var question in questions)
        {
            var needed = question.Tools.Where(catalogue.Has).ToList();
            result = result with { Unknown = result.Unknown + question.Tools.Count - needed.Count };
            if (needed.Count == 0)
            {
                continue;
            }

            var steps = await DefaultAsync(search, catalogue, question.Text);
            var given = steps.SelectMany(static s => s.Tools).Select(f => catalogue.Tools[f.Index].Name).ToList();
            var misses = needed.Where(n => !given.Exists(f => Catalogue.Same(f, n))).ToList();
            foreach (var miss in misses)
            {
                missed?.Invoke(question, miss, [.. steps.Select(s => $"\n        [{s.Text}] {string.Join(' ', s.Tools.Select(f => $"{catalogue.Tools[f.Index].Name}:{f.Score:0.00}"))}")]);
            }

            var few = (await search.FindForStepsAsync(question.Text, catalogue.ForSearch, First, First, default)).SelectMany(static s => s.Tools).Select(f => catalogue.Tools[f.Index].Name).ToList();
            var amongFew = needed.Count(n => few.Exists(f => Catalogue.Same(f, n)));
            var fits = needed.Count <= First ? 1 : 0;
            result = result with
            {
                Questions = result.Questions + 1, Tools = result.Tools + needed.Count, Given = result.Given + given.Count, Found = result.Found + needed.Count - misses.Count,
                AllFound = result.AllFound + (misses.Count == 0 ? 1 : 0), FewFound = result.FewFound + amongFew, FewPossible = result.FewPossible + fits,
                FewAll = result.FewAll + (amongFew == needed.Count ? fits : 0),
            };
        }

        return result;
    }

    private static double Share(int part, int of) => of == 0 ? 0 : 100.0 * part / of;
}
