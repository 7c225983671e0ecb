using Gateway.McpHub.Search;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.McpHub.Tests.Search;

public sealed class ToolSearchTests
{
    private static readonly SearchTool[] Tools =
    [
        Tool("files", "read_file", "Read the contents of a file"), Tool("files", "write_file", "Create or overwrite a file"), Tool("files", "list_directory", "List what is in a folder"),
        Tool("github", "list_issues", "List issues of a repository"), Tool("github", "create_issue", "Open a new issue"), Tool("calendar", "createEvent", "Schedule a meeting"),
        Tool("web", "search", "Search the web for pages"),
    ];

    [Theory]
    [InlineData("fetch the text of a document", "read_file")]
    [InlineData("show the issues of my repo", "list_issues")]
    [InlineData("book an appointment", "createEvent")]
    [InlineData("create_issue", "create_issue")]
    [InlineData("github__create_issue", "create_issue")]
    [InlineData("make an event", "createEvent")]
    [InlineData("look something up on the internet", "search")]
    public async Task Tools_are_found_by_other_words_and_by_name(string question, string expected)
    {
        var steps = await Search(null).FindForStepsAsync(question, Tools, 3, 3, TestContext.Current.CancellationToken);
        Assert.Contains(expected, steps.SelectMany(static s => s.Tools).Select(static f => Tools[f.Index].Name));
    }

    [Fact]
    public async Task A_question_of_several_parts_finds_a_tool_for_each()
    {
        const string question = "Search the web for 'read_file', then save the results to notes.md and schedule a meeting about it";
        var steps = await Search(null).FindForStepsAsync(question, Tools, 1, 30, TestContext.Current.CancellationToken);
        var names = steps.SelectMany(static s => s.Tools).Select(static f => Tools[f.Index].Name).ToList();
        Assert.Superset(new HashSet<string> { "search", "write_file", "createEvent" }, names.ToHashSet());
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal("", steps[^1].Text);

        // The steps share what there is room for.
        Assert.Equal(2, (await Search(null).FindForStepsAsync(question, Tools, 5, 2, TestContext.Current.CancellationToken)).Sum(static s => s.Tools.Count));
        Assert.Equal(Tools.Length, (await Search(null).FindForStepsAsync(question, Tools, 5, 30, TestContext.Current.CancellationToken)).Sum(static s => s.Tools.Count));
    }

    [Fact]
    public async Task A_tool_that_runs_anything_is_found_for_what_no_other_of_its_server_does()
    {
        SearchTool[] tools = [.. Tools, Tool("sqlite", "query", "Execute a raw SQL query against the database"), Tool("sqlite", "list_tables", "List all tables of the database"), Tool("notes", "create_table", "Create a table in a page")];
        var steps = await Search(null).FindForStepsAsync("create a SQLite table with three columns", tools, 3, 30, TestContext.Current.CancellationToken);
        Assert.Contains("query", Assert.Single(steps).Tools.Select(f => tools[f.Index].Name));
    }

    [Fact]
    public async Task A_title_in_quotes_is_no_list_of_steps() =>
        Assert.Single(await Search(null).FindForStepsAsync("Search for 'cats and create dogs'", Tools, 5, 30, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("?!…")]
    [InlineData("''''''((((")]
    public async Task Questions_that_say_nothing_find_something_or_nothing_and_never_fail(string question)
    {
        Assert.True((await Search(null).FindForStepsAsync(question, Tools, 5, 5, TestContext.Current.CancellationToken)).Sum(static s => s.Tools.Count) <= 5);
        Assert.Empty(await Search(null).FindForStepsAsync(question, [], 5, 5, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_tool_is_worked_out_once_and_again_when_it_changed()
    {
        using var model = new CountingModel();
        using var index = new ToolIndex(model, NullLogger<ToolIndex>.Instance);
        await index.Of(Tools).Known;
        Assert.Equal(Tools.Length, model.Texts);
        await index.Of([.. Tools.Reverse()]).Known;
        Assert.Equal(Tools.Length, model.Texts);
        await index.Of([.. Tools, Tool("web", "search", "Search the web for pictures")]).Known;
        Assert.Equal(Tools.Length + 1, model.Texts);
    }

    [Fact]
    public async Task Without_a_model_that_can_be_read_words_decide()
    {
        using var index = new ToolIndex(new BrokenModel(), NullLogger<ToolIndex>.Instance);
        var steps = await new ToolSearch(index, TimeProvider.System).FindForStepsAsync("read a file", Tools, 1, 1, TestContext.Current.CancellationToken);
        Assert.Equal("read_file", Tools[Assert.Single(Assert.Single(steps).Tools).Index].Name);
    }

    [Fact]
    public void Identifiers_are_taken_apart() => Assert.Equal(["get", "file", "info", "html", "page", "v2", "item", "directory", "creat", "search"], Words.Of("getFileInfo HTMLPage v2_items directories created searching"));

    private static SearchTool Tool(string server, string name, string description) => new(server, name, description, [], $"{server}/{name}/{description}");

    private static ToolSearch Search(IEmbeddingGenerator<string, Embedding<float>>? model) => new(new ToolIndex(model, NullLogger<ToolIndex>.Instance), TimeProvider.System);

    private sealed class CountingModel : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Texts { get; private set; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            var all = values.ToList();
            Texts += all.Count;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(all.Select(static _ => new Embedding<float>(new float[] { 1, 0 }))));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class BrokenModel : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromException<GeneratedEmbeddings<Embedding<float>>>(new FileNotFoundException("model.safetensors"));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
