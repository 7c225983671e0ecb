using System.Globalization;
using Gateway.Benchmarks.McpTools;
using Gateway.Embeddings;
using Gateway.McpHub.Search;
using Microsoft.Extensions.Logging.Abstractions;

// What tool search and code mode save, and how well tools are found. Prints what benchmarks/results/mcptools.txt has. "--misses" also prints what was not found.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (Question.Folder() is not { } folder)
{
    Console.WriteLine("The catalogues (../shared/data/mcp-tools) are not on this machine.");
    return 1;
}

Catalogue[] catalogues = [Catalogue.Read(folder, "round1.json"), Catalogue.Read(folder, "round2.json"), Catalogue.Read(folder, "round3.json")];
var tuned = Question.Read(folder, "eval_tasks.json");
var held = Question.Read(folder, "eval_tasks_r3.json");
using var model = new MiniLmEmbeddingGenerator();
if (args.Contains("--tune"))
{
    await Tuning.RunAsync(model, catalogues, tuned);
    return 0;
}

Console.WriteLine("Tools that are needed, among the first 5 of one search with the whole question as it stands");
Console.WriteLine($"{"catalogue",-12}{"tools",6}  {"questions",-22}{"n",4}{"any of them",13}{"each tool",11}{"all of them",13}{"each in 10",12}{"step by step",14}{"not there",11}");
foreach (var (how, search) in new[] { ("words and meaning", Search(model)), ("words alone", Search(null)) })
{
    Console.WriteLine(how);
    foreach (var catalogue in catalogues)
    {
        foreach (var (name, questions) in new[] { ("eval_tasks (tuned on)", tuned), ("eval_tasks_r3 (held out)", held) })
        {
            await Row(search, catalogue, name, questions);
            await Row(search, catalogue, "  of these: one tool", [.. questions.Where(static q => q.Tools.Count == 1)]);
        }
    }
}

Console.WriteLine();
await Tokens.PrintAsync(Search(model), catalogues, tuned, held);
return 0;

ToolSearch Search(MiniLmEmbeddingGenerator? embeddings)
{
    var index = new ToolIndex(embeddings, NullLogger<ToolIndex>.Instance);
    foreach (var catalogue in catalogues)
    {
        index.Of(catalogue.ForSearch).Known.GetAwaiter().GetResult();
    }

    return new ToolSearch(index, TimeProvider.System);
}

async Task Row(ToolSearch search, Catalogue catalogue, string name, IReadOnlyList<Question> questions)
{
    var shows = args.Contains("--misses");
    var five = await Quality.MeasureAsync(search, catalogue, questions, Quality.First, shows ? static (q, miss, found) => Console.WriteLine($"    {q.Id} {miss}: {string.Join(' ', found)} | {Clauses.Of(q.Text).Count} {string.Join(" / ", Clauses.Of(q.Text))}") : null);
    var ten = await Quality.MeasureAsync(search, catalogue, questions, 2 * Quality.First, null);
    Console.WriteLine($"{catalogue.Name,-12}{catalogue.Tools.Count,6}  {name,-22}{five.Questions,4}{five.AnyShare,12:0.0}%{five.ToolShare,10:0.0}%{five.AllShare,12:0.0}%{ten.ToolShare,11:0.0}%{five.StepShare,13:0.0}%{five.Unknown,11}");
}
