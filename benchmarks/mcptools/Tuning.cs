using Gateway.Embeddings;
using Gateway.McpHub.Search;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.McpTools;

/// <summary>Looks for better weights, one after the other, on the questions of eval_tasks alone.</summary>
internal static class Tuning
{
    private static readonly (string Name, Func<SearchWeights, double> Get, Func<SearchWeights, double, SearchWeights> Set)[] All =
    [
        ("Name", static w => w.Name, static (w, v) => w with { Name = v }),
        ("Server", static w => w.Server, static (w, v) => w with { Server = v }),
        ("Synonym", static w => w.Synonym, static (w, v) => w with { Synonym = v }),
        ("Saturation", static w => w.Saturation, static (w, v) => w with { Saturation = v }),
        ("Length", static w => w.Length, static (w, v) => w with { Length = v }),
        ("Lexical", static w => w.Lexical, static (w, v) => w with { Lexical = v }),
        ("Semantic", static w => w.Semantic, static (w, v) => w with { Semantic = v }),
        ("ServerNamed", static w => w.ServerNamed, static (w, v) => w with { ServerNamed = v }),
        ("ServerNamedElsewhere", static w => w.ServerNamedElsewhere, static (w, v) => w with { ServerNamedElsewhere = v }),
        ("NameCovered", static w => w.NameCovered, static (w, v) => w with { NameCovered = v }),
        ("OtherAction", static w => w.OtherAction, static (w, v) => w with { OtherAction = v }),
        ("More", static w => w.More, static (w, v) => w with { More = v }),
        ("ForAnything", static w => w.ForAnything, static (w, v) => w with { ForAnything = v }),
        ("SameAsBefore", static w => w.SameAsBefore, static (w, v) => w with { SameAsBefore = v }),
    ];

    public static async Task RunAsync(MiniLmEmbeddingGenerator model, Catalogue[] catalogues, IReadOnlyList<Question> questions)
    {
        using var remembered = new Remembered(model);
        using var index = new ToolIndex(remembered, NullLogger<ToolIndex>.Instance);
        foreach (var catalogue in catalogues)
        {
            await index.Of(catalogue.ForSearch).Known;
        }

        var best = SearchWeights.Default;
        var score = await ScoreAsync(best);
        Console.WriteLine($"{score:0.00}");
        for (var round = 0; round < 2; round++)
        {
            var before = score;
            foreach (var (name, get, set) in All)
            {
                foreach (var factor in (double[])[0.5, 0.7, 0.85, 1.15, 1.4, 2])
                {
                    var tried = set(best, name == "Length" ? Math.Min(1, get(best) * factor) : get(best) * factor);
                    if (await ScoreAsync(tried) is var found && found > score + 0.01)
                    {
                        (best, score) = (tried, found);
                        Console.WriteLine($"{score:0.00} {name} = {get(tried):0.###}");
                    }
                }
            }

            if (score <= before)
            {
                break;
            }
        }

        Console.WriteLine(best);

        async Task<double> ScoreAsync(SearchWeights weights)
        {
            var search = new ToolSearch(index, TimeProvider.System, weights);
            var sum = 0.0;
            foreach (var catalogue in catalogues.Skip(1))
            {
                var row = await Quality.MeasureAsync(search, catalogue, questions, null);
                sum += row.EachShare + row.AllShare + (0.3 * row.FewEachShare) + (0.2 * row.FewAllShare);
            }

            return sum;
        }
    }
}
