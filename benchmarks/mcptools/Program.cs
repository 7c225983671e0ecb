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

// Every second question of the larger catalogue's set is for choosing, the rest is held out.
var large = Question.Read(folder, "eval_tasks_r3.json");
IReadOnlyList<Question> tuned = [.. Question.Read(folder, "eval_tasks.json"), .. large.Where(static (_, i) => i % 2 == 0)];
IReadOnlyList<Question> held = [.. large.Where(static (_, i) => i % 2 == 1)];
using var model = new MiniLmEmbeddingGenerator();
if (args.Contains("--tune"))
{
    await Tuning.RunAsync(model, catalogues, tuned);
    return 0;
}

Console.WriteLine("Tools that questions need, in what one search with the whole question gives");
Console.WriteLine($"{"",-44}{"by default: five for each step",36}   {"five for all steps",20}");
Console.WriteLine($"{"catalogue",-12}{"tools",6}  {"questions",-22}{"n",4}{"given",10}{"each tool",13}{"all of them",13}{"each tool",13}{"all of them",12}{"not there",11}");
foreach (var (how, search) in new[] { ("words and meaning", Search(model)), ("words alone", Search(null)) })
{
    Console.WriteLine(how);
    foreach (var catalogue in catalogues)
    {
        foreach (var (name, questions) in new[] { ("chosen by", tuned), ("held out", held) })
        {
            await Row(search, catalogue, name, questions);
            await Row(search, catalogue, "  of these: one tool", [.. questions.Where(static q => q.Tools.Count == 1)]);
            await Row(search, catalogue, "  of these: several", [.. questions.Where(static q => q.Tools.Count > 1)]);
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
    var shows = args.Contains("--misses") && ReferenceEquals(questions, tuned);
    var row = await Quality.MeasureAsync(search, catalogue, questions, shows ? static (q, miss, found) => Console.WriteLine($"    {q.Id} {miss}: {string.Concat(found)}") : null);
    Console.WriteLine($"{catalogue.Name,-12}{catalogue.Tools.Count,6}  {name,-22}{row.Questions,4}{row.MeanGiven,10:0.0}{row.EachShare,12:0.0}%{row.AllShare,12:0.0}%{row.FewEachShare,12:0.0}%{row.FewAllShare,11:0.0}%{row.Unknown,11}");
}
