using System.Text;
using System.Text.Json;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.MetaTools;
using Gateway.McpHub.Search;
using Gateway.Tokenizers;

namespace Gateway.Benchmarks.McpTools;

/// <summary>Input tokens of a model that is given all tools, tool search, or code mode: of one request, and of whole tasks over all their turns.</summary>
internal static class Tokens
{
    // What a call and its result add to the conversation, where the data has none: the same for each way, so only its repetition differs.
    private const int CallTokens = 60;
    private const int ResultTokens = 400;
    private const int ProgramTokensPerCall = 40;
    private const int AnswerTokens = 120;

    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Load(BpeEncoding.O200kBase);

    public static async Task PrintAsync(ToolSearch search, IEnumerable<Catalogue> catalogues, IReadOnlyList<Question> tuned, IReadOnlyList<Question> held)
    {
        Console.WriteLine("Input tokens (o200k_base). Definitions: what each request has for the tools alone. Tasks: mean over the questions, all turns together");
        Console.WriteLine($"{"catalogue",-12}{"tools",6}{"all schemas",13}{"tool search",13}{"saved",8}{"code mode",11}{"saved",8}   {"task: all",11}{"search",10}{"saved",8}{"code",9}{"saved",8}");
        foreach (var catalogue in catalogues)
        {
            var all = Count($"[{string.Join(',', catalogue.Tools.Select(Definition))}]");
            var forSearch = Meta(MetaToolDefinitions.Find, MetaToolDefinitions.Describe, MetaToolDefinitions.Call);
            var forCode = Meta(MetaToolDefinitions.Find, MetaToolDefinitions.Describe, MetaToolDefinitions.Run);
            var tools = ProgramTools.Of(catalogue.Tools);
            var (sumAll, sumSearch, sumCode, n) = (0.0, 0.0, 0.0, 0);
            foreach (var question in tuned.Concat(held))
            {
                var needed = question.Tools.Count(catalogue.Has);
                if (needed == 0)
                {
                    continue;
                }

                var steps = await Quality.DefaultAsync(search, catalogue, question.Text);
                var signatures = Count(GatewayTools.Shown(steps, f => tools.All.First(t => ReferenceEquals(t.Tool, catalogue.Tools[f.Index])).Signature.Brief()));
                var asked = Count(question.Text);
                n++;
                sumAll += Turns(needed, all + asked, CallTokens + ResultTokens);
                // One turn to search, then one for each call.
                sumSearch += forSearch + asked + Turns(needed, forSearch + asked + CallTokens + signatures, CallTokens + ResultTokens);
                // One turn to search, one to write the program, one to read what it returned.
                sumCode += forCode + asked + (forCode + asked + CallTokens + signatures) + (forCode + asked + CallTokens + signatures + (needed * ProgramTokensPerCall) + AnswerTokens);
            }

            Console.WriteLine($"{catalogue.Name,-12}{catalogue.Tools.Count,6}{all,13:N0}{forSearch,13:N0}{Saved(forSearch, all),7:0.0}%{forCode,11:N0}{Saved(forCode, all),7:0.0}%   {sumAll / n,11:N0}{sumSearch / n,10:N0}{Saved(sumSearch, sumAll),7:0.0}%{sumCode / n,9:N0}{Saved(sumCode, sumAll),7:0.0}%");
        }

        Console.WriteLine();
        Console.WriteLine($"The catalogues have no schemas: each tool counts with its name, its description and an empty schema, so real servers cost more and save more. A task has one turn for each tool that it needs and");
        Console.WriteLine($"one for the answer; a call and its result are {CallTokens} and {ResultTokens} tokens, a program {ProgramTokensPerCall} for each call, what it returns {AnswerTokens}; searches are those of the rows above.");
    }

    /// <summary>Tokens of all requests of a task: each has what those before it had, and one call with its result more.</summary>
    private static double Turns(int calls, double first, double perCall) => ((calls + 1) * first) + (perCall * calls * (calls + 1) / 2);

    private static double Saved(double part, double whole) => 100 * (1 - (part / whole));

    private static int Count(string text) => Tokenizer.Count(Encoding.UTF8.GetBytes(text));

    private static string Definition(ProgramTool tool) =>
        $"{{\"type\":\"function\",\"function\":{{\"name\":{Quoted($"{tool.Server}__{tool.Name}")},\"description\":{Quoted(tool.Description ?? "")},\"parameters\":{{\"type\":\"object\",\"properties\":{{}}}}}}}}";

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static int Meta(params string[] names) => Count($"[{string.Join(',', names.Select(static n =>
    {
        using var definition = JsonDocument.Parse(MetaToolDefinitions.All[n]);
        var root = definition.RootElement;
        return $"{{\"type\":\"function\",\"function\":{{\"name\":\"{MetaToolDefinitions.Server}__{n}\",\"description\":{root.GetProperty("description").GetRawText()},\"parameters\":{root.GetProperty("inputSchema").GetRawText()}}}}}";
    }))}]");
}
